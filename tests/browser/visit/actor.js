// A camera and a microphone that a test holds in its hand: pictures are shown, clips are played, as it says.
(() => {
  const canvas = Object.assign(document.createElement("canvas"), { width: 640, height: 480 });
  const context = canvas.getContext("2d");
  const picture = new Image();
  let turn = 0;
  let pictures = [];
  const draw = () => {
    context.fillStyle = "rgb(92,116,140)";
    context.fillRect(0, 0, 640, 480);
    if (picture.complete && picture.naturalWidth) context.drawImage(picture, 0, 0, 640, 480);
    context.fillStyle = `rgba(255,255,255,${0.002 + (turn % 5) / 1000})`; // a camera's picture is never quite still
    context.fillRect(0, 0, 640, 2);
  };
  setInterval(() => {
    if (pictures.length && turn % 4 === 0) picture.src = pictures[Math.floor(turn / 4) % pictures.length];
    turn += 1;
    draw();
  }, 100);
  const bytesOf = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
  const media = navigator.mediaDevices;
  const original = media.getUserMedia.bind(media);
  let sound = null;
  window.actor = {
    // The page's policy allows no data: pictures, so they become blobs.
    show: (jpegs) => {
      pictures = jpegs.map((base64) => URL.createObjectURL(new Blob([bytesOf(base64)], { type: "image/jpeg" })));
      picture.src = pictures[0] ?? "";
    },
    say: async (base64) => {
      const bytes = bytesOf(base64);
      const { context, destination } = sound;
      const source = context.createBufferSource();
      source.buffer = await context.decodeAudioData(bytes.buffer);
      source.connect(destination);
      source.start();
    },
  };
  media.getUserMedia = async (wanted) => {
    if (wanted.video) return canvas.captureStream(15);
    if (wanted.audio) {
      const context = new AudioContext();
      sound = { context, destination: context.createMediaStreamDestination() };
      return sound.destination.stream;
    }
    return original(wanted);
  };
})();
