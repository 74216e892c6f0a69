/** Reading the phrase aloud: record, send, and send again if the face was not in front. */
import { attempt } from "../attempt.js";
import { hush } from "../speech.js";
import { MicrophoneTrouble } from "./recorder.js";

const UPLOAD_TIMEOUT_MS = 30_000; // 15 s of sound on a slow uplink

export function voiceActions(app, recorder) {
  const { store } = app;
  let clip = null;
  const setVoice = (patch) => store.set((state) => ({ voice: { ...state.voice, ...patch } }));

  async function record() {
    const { view, voice } = store.get();
    if (!["ready", "heard-nothing"].includes(voice.mode)) return;
    hush();
    clip = null;
    setVoice({ mode: "opening", level: 0, seconds: 0, trouble: null, problem: null });
    try {
      const result = await recorder.record(setVoice, () => setVoice({ mode: "recording" }));
      if (app.visit() && result.clip) await send({ attempt: view.voice.attempt, blob: result.clip });
      else setVoice({ mode: "ready", problem: result.reason === "nothing" ? "heard_nothing" : null });
    } catch (error) {
      if (!(error instanceof MicrophoneTrouble)) throw error;
      setVoice({ mode: "ready", trouble: error.kind });
    }
  }

  async function send(fresh) {
    clip = fresh;
    setVoice({ mode: "sending", level: 0 });
    const options = { body: clip.blob, type: "audio/wav", timeoutMs: UPLOAD_TIMEOUT_MS };
    const sent = await attempt(app, "voice", () => app.visit().call("POST", `/voice?attempt=${clip.attempt}`, options), refused);
    if (clip !== fresh) return; // the server wants another phrase, or the visit is over
    if (sent) {
      clip = null;
      setVoice({ mode: "sent" });
      app.visit()?.poller.now();
    } else if (!store.get().held) setVoice({ mode: "ready" });
  }

  function refused(problem) {
    if (problem.code === "not_in_front") return { held: "voice" };
    if (problem.code === "already_received") return { problem: null };
    return null;
  }

  return {
    record,
    sendClip: () => (clip ? send(clip) : undefined),
    stopRecording: () => recorder.stop(),
    finishRecording: () => recorder.done(),
    retryMicrophone: () => {
      setVoice({ trouble: null });
      return record();
    },
    forgetClip: () => {
      clip = null;
      recorder.stop();
    },
  };
}

