/** A file that a POST answers with, handed to the browser's own downloads. */
import { NetworkGone, Problem } from "./api.js";

/** @throws {Problem | NetworkGone} */
export async function downloadPosted(path, json, name) {
  let response;
  try {
    response = await fetch(path, {
      method: "POST",
      body: JSON.stringify(json),
      headers: { "Content-Type": "application/json", "X-Requested-With": "console" },
      signal: AbortSignal.timeout(60_000),
      cache: "no-store",
      redirect: "error",
    });
  } catch {
    throw new NetworkGone("the file could not be fetched");
  }
  if (!response.ok) {
    const said = await response.json().catch(() => ({}));
    throw new Problem(response.status, said.code ?? "failed", said.detail ?? "", null);
  }
  save(await response.blob(), name);
}

const PIECE = 8_000_000;

/** A large file, piece by piece: the server gives no more at once. @param {(done: number) => void} told bytes so far */
export async function downloadPieces(path, size, name, told) {
  const pieces = [];
  let done = 0;
  while (done < size) {
    const response = await fetch(path, {
      headers: { Range: `bytes=${done}-${Math.min(size, done + PIECE) - 1}` },
      cache: "no-store",
      redirect: "error",
    }).catch(() => null);
    if (response === null) throw new NetworkGone("the file could not be fetched");
    if (response.status !== 206) throw new Problem(response.status, "failed", "", null);
    const piece = await response.blob();
    pieces.push(piece);
    done += piece.size;
    told(done);
  }
  save(new Blob(pieces), name);
}

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
