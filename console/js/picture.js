/** A photograph as the server takes it: a JPEG of at most 1280 pixels a side, without what the camera wrote into the file. */
const LONGEST = 1280;
const QUALITY = 0.9;
const MOST_BYTES = 20_000_000;

/** @param {File} file @returns {Promise<string>} base64 @throws {Error} what cannot be read as a picture */
export async function prepared(file) {
  if (file.size > MOST_BYTES) throw new Error("too large");
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, LONGEST / Math.max(bitmap.width, bitmap.height));
  const canvas = Object.assign(document.createElement("canvas"), {
    width: Math.round(bitmap.width * scale),
    height: Math.round(bitmap.height * scale),
  });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.toDataURL("image/jpeg", QUALITY).split(",")[1];
}
