/** Every screen by the name that `screenOf` gives. A screen is a function of {state, t, act, fmt} to nodes. */
import { attract } from "./attract.js";
import { authenticator } from "./authenticator.js";
import { choices, claim } from "./choices.js";
import { assistance, boot, camera, final, offline } from "./endings.js";
import { approval, capture, consent, learning, name, number, phrases } from "./enrolling.js";
import { challenge, identifying } from "./identifying.js";
import { pair } from "./pair.js";
import { pin } from "./pin.js";
import { cash, granted, locked, receipt, service, teller } from "./teller.js";
import { checking, microphone, voice } from "./voice.js";

export const screens = {
  approval,
  assistance,
  attract,
  authenticator,
  boot,
  camera,
  capture,
  cash,
  challenge,
  checking,
  choices,
  claim,
  consent,
  final,
  granted,
  identifying,
  learning,
  locked,
  microphone,
  name,
  number,
  offline,
  pair,
  phrases,
  pin,
  receipt,
  service,
  teller,
  voice,
};
