/** Records one phrase. The microphone is open from `record()` until it resolves, and not a moment longer. */
import { deviceTrouble } from "../camera.js";
import { hear, listening } from "./endpoint.js";
import { resample } from "./resample.js";
import { wav } from "./wav.js";

export const RATE = 16000;
const TAIL_SECONDS = 0.5; // of the closing silence that stays in the clip

export class MicrophoneTrouble extends Error {
  /** @param {"refused" | "missing" | "busy"} kind */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

export class Recorder {
  constructor() {
    this.finish = null;
    this.cancelled = false;
  }

  /**
   * @param {(progress: {level: number, seconds: number}) => void} onLevel about 25 times a second
   * @returns {Promise<{clip: Blob, seconds: number} | {clip: null, reason: "nothing" | "stopped"}>}
   * @throws {MicrophoneTrouble}
   */
  async record(onLevel, onOpen) {
    this.cancelled = false;
    const stream = await this.openMicrophone();
    const context = new AudioContext();
    const blocks = [];
    try {
      await context.audioWorklet.addModule("/kiosk/js/voice/recorder-worklet.js");
      await context.resume();
      if (this.cancelled) return { clip: null, reason: "stopped" };
      onOpen();
      const heard = await this.listen(stream, context, blocks, onLevel);
      if (heard.done === "nothing" || heard.done === "stopped") return { clip: null, reason: heard.done };
      const keep = Math.max(0, heard.silence - TAIL_SECONDS) * context.sampleRate;
      const samples = join(blocks).subarray(0, -Math.round(keep) || undefined);
      return { clip: wav(resample(samples, context.sampleRate, RATE), RATE), seconds: samples.length / context.sampleRate };
    } finally {
      this.finish = null;
      stream.getTracks().forEach((track) => track.stop());
      await context.close();
    }
  }

  listen(stream, context, blocks, onLevel) {
    return new Promise((resolve) => {
      let heard = listening();
      const node = new AudioWorkletNode(context, "recorder", { numberOfOutputs: 0 });
      this.finish = (done) => resolve({ ...heard, done });
      stream.getAudioTracks()[0].addEventListener("ended", () => this.stop());
      node.port.onmessage = ({ data }) => {
        blocks.push(data.samples);
        heard = hear(heard, data.level, data.samples.length / context.sampleRate);
        onLevel({ level: data.level, seconds: heard.elapsed });
        if (heard.done) resolve(heard);
      };
      context.createMediaStreamSource(stream).connect(node);
    });
  }

  /** Throw away what is being recorded. */
  stop() {
    this.cancelled = true;
    this.finish?.("stopped");
  }

  /** "I have finished": send what there is. */
  done() {
    this.finish?.("spoken");
  }

  async openMicrophone() {
    try {
      // The same plain signal at enrolment and at every visit: no suppression that would bend the voice.
      const audio = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: true };
      return await navigator.mediaDevices.getUserMedia({ audio });
    } catch (error) {
      throw new MicrophoneTrouble(deviceTrouble(error));
    }
  }
}

function join(blocks) {
  const joined = new Float32Array(blocks.reduce((length, block) => length + block.length, 0));
  let offset = 0;
  for (const block of blocks) {
    joined.set(block, offset);
    offset += block.length;
  }
  return joined;
}
