/**
 * The server's time. The offset comes from the answer with the shortest round trip of the last minutes, whose error is at
 * most half of it; older ones are forgotten because this device's clock drifts.
 */
const KEEP_MS = 10 * 60 * 1000;
let offset = 0;
let bestRoundTrip = Infinity;
let learnedAt = 0;

export const now = () => Date.now() + offset;

/** @param {number} serverMs the header X-Server-Time; @param {number} sent, @param {number} received by this device's clock */
export function learn(serverMs, sent, received) {
  const roundTrip = received - sent;
  const stale = received - learnedAt > KEEP_MS;
  if (!Number.isFinite(serverMs) || (roundTrip > bestRoundTrip && !stale)) return;
  bestRoundTrip = roundTrip;
  learnedAt = received;
  offset = serverMs - (sent + received) / 2;
}

/** Milliseconds until an ISO time, never below zero. */
export const until = (iso, at = now()) => Math.max(0, Date.parse(iso) - at);
