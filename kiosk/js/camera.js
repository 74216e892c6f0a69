/** The camera: opened for a visit (or to notice somebody at the attract screen), and really off afterwards. */
import { HEIGHT, WIDTH, measure } from "./presence.js";

/** Why a device cannot be used, in the words the screens know. */
export function deviceTrouble(error) {
  if (error?.name === "NotAllowedError" || error?.name === "SecurityError") return "refused";
  if (error?.name === "NotReadableError" || error?.name === "AbortError") return "busy";
  return "missing";
}

export class Camera {
  /**
   * @param {(state: "off" | "opening" | "on" | "refused" | "missing" | "busy") => void} onState
   * @param {() => void} onLost it was there and is gone
   */
  constructor(onState, onLost) {
    this.onState = onState;
    this.onLost = onLost;
    this.stream = null;
    this.opening = null;
    this.video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
    this.canvas = document.createElement("canvas");
    this.small = Object.assign(document.createElement("canvas"), { width: WIDTH, height: HEIGHT });
    this.smallContext = this.small.getContext("2d", { willReadFrequently: true });
  }

  /** @param {boolean} quietly without telling that it tries; @returns {Promise<boolean>} whether pictures flow */
  open(quietly = false) {
    if (this.stream) return Promise.resolve(true);
    this.opening ??= this.acquire(quietly).finally(() => (this.opening = null));
    return this.opening;
  }

  async acquire(quietly) {
    this.wanted = true;
    if (!quietly) this.onState("opening");
    try {
      const stream = await navigator.mediaDevices.getUserMedia({
        video: { width: { ideal: 1280 }, height: { ideal: 720 }, facingMode: "user" },
      });
      if (!this.wanted) {
        stream.getTracks().forEach((track) => track.stop());
        return false;
      }
      this.stream = stream;
      stream.getVideoTracks()[0].addEventListener("ended", () => this.lost(stream));
      this.video.srcObject = stream;
      await this.video.play();
      this.onState("on");
      return true;
    } catch (error) {
      this.release();
      if (this.wanted) this.onState(deviceTrouble(error));
      return false;
    }
  }

  lost(stream) {
    if (this.stream !== stream) return;
    this.release();
    this.onState("missing");
    this.onLost();
  }

  close() {
    this.wanted = false;
    this.release();
    this.onState("off");
  }

  release() {
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.video.srcObject = null;
  }

  get ready() {
    return this.stream !== null && this.video.readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && this.video.videoWidth > 0;
  }

  /** One JPEG at most `width` pixels wide, not mirrored. @returns {Promise<Blob | null>} */
  frame(width, quality) {
    if (!this.ready) return Promise.resolve(null);
    const scale = Math.min(1, width / this.video.videoWidth);
    this.canvas.width = Math.round(this.video.videoWidth * scale);
    this.canvas.height = Math.round(this.video.videoHeight * scale);
    this.canvas.getContext("2d").drawImage(this.video, 0, 0, this.canvas.width, this.canvas.height);
    return new Promise((resolve) => this.canvas.toBlob(resolve, "image/jpeg", quality));
  }

  /** The 32 × 24 look that presence needs, or null when no picture flows. */
  glance() {
    if (!this.ready) return null;
    this.smallContext.drawImage(this.video, 0, 0, WIDTH, HEIGHT);
    return measure(this.smallContext.getImageData(0, 0, WIDTH, HEIGHT).data);
  }
}
