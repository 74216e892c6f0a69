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

function save(blob, name) {
  const url = URL.createObjectURL(blob);
  const link = Object.assign(document.createElement("a"), { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
