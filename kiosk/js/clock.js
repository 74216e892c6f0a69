/** The server's time. The offset comes from the answer with the shortest round trip, whose error is at most half of it. */
let offset = 0;
let bestRoundTrip = Infinity;

export const now = () => Date.now() + offset;

/** @param {number} serverMs the header X-Server-Time; @param {number} sent, @param {number} received by this device's clock */
export function learn(serverMs, sent, received) {
  const roundTrip = received - sent;
  if (!Number.isFinite(serverMs) || roundTrip > bestRoundTrip) return;
  bestRoundTrip = roundTrip;
  offset = serverMs - (sent + received) / 2;
}

/** Milliseconds until an ISO time, never below zero. */
export const until = (iso, at = now()) => Math.max(0, Date.parse(iso) - at);
