/** What survives a reload of the page: the visit under way and the customer's choices for it. This tab only. */
const KEY = "visit";

/** @returns {{id: string, token: string, kind: "visit" | "teller", lastSeq: number, choices?: object} | null} */
export function recallVisit() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY));
  } catch {
    return null;
  }
}

export const keepVisit = (visit) => sessionStorage.setItem(KEY, JSON.stringify(visit));
export const forgetVisit = () => sessionStorage.removeItem(KEY);
