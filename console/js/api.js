/** Operators' requests: the kiosk page's own, with the header that no foreign form can send. */
import { request } from "/kiosk/js/api.js";

export { NetworkGone, Problem } from "/kiosk/js/api.js";

/**
 * @param {{operator: () => object | null, signedOut: () => void}} told a late answer to somebody who has signed in anew since is no sign-out
 * @returns {(method: string, path: string, options?: object) => Promise<any>} the answer's JSON; throws Problem or NetworkGone
 */
export function createApi({ operator, signedOut }) {
  return async (method, path, options = {}) => {
    const asker = operator();
    try {
      const headers = { "X-Requested-With": "console", ...options.headers };
      return (await request(method, path, { timeoutMs: 20_000, ...options, headers })).data;
    } catch (error) {
      if (error.status === 401 && operator() === asker) signedOut();
      throw error;
    }
  };
}

/** `?a=1&b=2` of the values that are there, or nothing. */
export function queryString(values) {
  const given = Object.entries(values).filter(([, value]) => value !== undefined && value !== null && value !== "");
  return given.length ? `?${new URLSearchParams(given)}` : "";
}

/** A picture or clip of a visit. */
export const mediaUrl = (visit, kind, number) => `/api/visits/${encodeURIComponent(visit)}/media/${kind}/${number}`;
export const thumbnailUrl = (visit, number) => `/api/visits/${encodeURIComponent(visit)}/thumbnails/${number}`;
