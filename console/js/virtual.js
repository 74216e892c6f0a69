/**
 * A long list of equal rows of which only those in sight are in the document. The page itself scrolls, so that zoom, the
 * space bar and a phone's thumb do what they always do.
 */
const SPARE = 8;
const SETTLE_MS = 120;

/** @param {{count: () => number, changed: () => void, nearEnd: () => void, listen: Function}} list */
export function createWindow({ count, changed, nearEnd, listen }) {
  const self = { from: 0, to: 30, settled: true, attach, height: 64, lastTop: 0, show };
  let body = null;
  let timer = 0;

  function attach(element) {
    body = element;
    measure();
    changed();
  }

  function measure() {
    if (!body?.isConnected) return;
    const row = parseFloat(getComputedStyle(body, "::before").height);
    self.height = row > 0 ? row : self.height;
    self.lastTop = scrollY;
    const top = -body.getBoundingClientRect().top;
    self.from = Math.max(0, Math.floor(top / self.height) - SPARE);
    self.to = Math.min(count(), Math.ceil((top + innerHeight) / self.height) + SPARE);
    if (self.to > count() - 60) nearEnd();
  }

  function moved() {
    const before = `${self.from} ${self.to}`;
    measure();
    if (before === `${self.from} ${self.to}`) return;
    self.settled = false;
    clearTimeout(timer);
    timer = setTimeout(settle, SETTLE_MS);
    changed();
  }

  /** Pictures are fetched for rows that stay in sight, not for all that rush by. */
  function settle() {
    self.settled = true;
    changed();
  }

  /** Scrolls the page so far that a row is in sight. */
  function show(index) {
    if (!body) return;
    const top = body.getBoundingClientRect().top + index * self.height;
    const margin = self.height * 1.5;
    if (top < margin) scrollBy(0, top - margin);
    else if (top + margin > innerHeight) scrollBy(0, top + margin - innerHeight);
    measure();
  }

  listen(window, "scroll", moved, { passive: true });
  listen(window, "resize", moved, { passive: true });
  self.measure = measure;
  return self;
}
