/** Runs on the audio thread: mixes to mono and hands over blocks of about 40 ms with their level. */
class Recorder extends AudioWorkletProcessor {
  constructor() {
    super();
    this.block = new Float32Array(Math.round(sampleRate * 0.04));
    this.filled = 0;
  }

  process([channels]) {
    if (channels.length === 0) return true;
    for (let i = 0; i < channels[0].length; i++) {
      let sum = 0;
      for (const channel of channels) sum += channel[i];
      this.block[this.filled++] = sum / channels.length;
      if (this.filled === this.block.length) this.handOver();
    }
    return true;
  }

  handOver() {
    let power = 0;
    for (const sample of this.block) power += sample * sample;
    const samples = this.block.slice();
    this.port.postMessage({ samples, level: Math.sqrt(power / samples.length) }, [samples.buffer]);
    this.filled = 0;
  }
}

registerProcessor("recorder", Recorder);
