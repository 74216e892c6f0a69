/** Requests to the function app: every one has a time-out, every failure is one of two types. */
import { learn } from "./clock.js";
import { traceparent } from "./correlation.js";

/** The server answered, and said no. `code` is stable; `retryAfter` is in seconds or null. */
export class Problem extends Error {
  constructor(status, code, detail, retryAfter) {
    super(code);
    Object.assign(this, { status, code, detail, retryAfter });
  }
}

/** The server could not be reached in time. */
export class NetworkGone extends Error {}

const TIMEOUT_MS = 8000;
const observers = new Set();

/** @param {(reached: boolean, ms: number) => void} observer told after every request */
export const observe = (observer) => observers.add(observer);

/**
 * @param {string} method
 * @param {string} path
 * @param {{json?: object, body?: BodyInit, type?: string, headers?: object, timeoutMs?: number}} options
 * @returns {Promise<{status: number, data: any, etag: string | null, ms: number}>} for 2xx and 304
 * @throws {Problem | NetworkGone}
 */
export async function request(method, path, options = {}) {
  const { json, headers = {}, timeoutMs = TIMEOUT_MS } = options;
  const body = json === undefined ? options.body : JSON.stringify(json);
  const type = json === undefined ? options.type : "application/json";
  const sent = Date.now();
  let response, text;
  try {
    response = await fetch(path, {
      method,
      body,
      headers: { traceparent: traceparent(), ...(type && { "Content-Type": type }), ...headers },
      signal: AbortSignal.timeout(timeoutMs),
      cache: "no-store",
      credentials: "same-origin",
      redirect: "error",
    });
    text = await response.text();
  } catch {
    tell(false, Date.now() - sent);
    throw new NetworkGone(`${method} could not reach the server`);
  }
  const ms = Date.now() - sent;
  learn(Number(response.headers.get("X-Server-Time") ?? NaN), sent, sent + ms);
  tell(true, ms);
  const data = parse(text);
  if (response.ok || response.status === 304) return { status: response.status, data, etag: response.headers.get("ETag"), ms };
  throw problem(response, data);
}

function tell(reached, ms) {
  for (const observer of observers) observer(reached, ms);
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function problem(response, data) {
  const header = Number(response.headers.get("Retry-After"));
  const retryAfter = data?.retryAfter ?? (header > 0 ? header : null);
  return new Problem(response.status, data?.code ?? "failed", data?.detail ?? "", retryAfter);
}
