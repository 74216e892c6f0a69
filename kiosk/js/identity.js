/**
 * This kiosk's identity: a P-256 key that the browser will not export, kept in IndexedDB, and the signature under which a
 * session starts.
 */
import { now } from "./clock.js";
import { request } from "./api.js";

const DATABASE = "face-atm";
const STORE = "kiosk";
const ALGORITHM = { name: "ECDSA", namedCurve: "P-256" };

function open() {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open(DATABASE, 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onsuccess = () => resolve(opening.result);
    opening.onerror = () => reject(opening.error);
  });
}

async function transact(mode, work) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(STORE, mode);
      const done = work(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(done.result);
      transaction.onerror = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/** @returns {Promise<{kiosk: string, name: string, timeZone: string, key: CryptoKey} | undefined>} */
export const recall = () => transact("readonly", (store) => store.get("identity"));

/** Makes a key, pairs it with the one-time code and keeps both. @throws {Problem} bad_pairing_code */
export async function pair(code) {
  const { privateKey, publicKey } = await crypto.subtle.generateKey(ALGORITHM, false, ["sign"]);
  const { kty, crv, x, y } = await crypto.subtle.exportKey("jwk", publicKey);
  const { data } = await request("POST", "/api/kiosks/pair", { json: { code, publicKey: { kty, crv, x, y } } });
  const identity = { kiosk: data.kiosk, name: data.name, timeZone: data.timeZone, key: privateKey };
  await transact("readwrite", (store) => store.put(identity, "identity"));
  return identity;
}

/** Headers that prove that this kiosk asks for a session with exactly this body. */
export async function sign(identity, path, body) {
  const time = String(Math.round(now()));
  const nonce = base64url(crypto.getRandomValues(new Uint8Array(16)));
  const digest = hex(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(body)));
  const text = ["POST", path, identity.kiosk, time, nonce, digest].join("\n");
  const bytes = new TextEncoder().encode(text);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, identity.key, bytes);
  return {
    "X-Kiosk": identity.kiosk,
    "X-Kiosk-Time": time,
    "X-Kiosk-Nonce": nonce,
    "X-Kiosk-Signature": base64url(new Uint8Array(signature)),
  };
}

const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
const base64url = (bytes) =>
  btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
