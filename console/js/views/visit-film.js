/** The pictures of a visit: one large, all as a strip below it, and played at the speed at which they were taken. */
import { h } from "/kiosk/js/dom.js";
import { mediaUrl, thumbnailUrl } from "../api.js";
import { button, empty, icon, linkButton, tag } from "../parts.js";
import { address, go } from "../router.js";
import { bytes, clock } from "../times.js";

const FASTEST_MS = 100;
const SLOWEST_MS = 2000;

export function filmstrip(page, visit) {
  const { app, t, params } = page;
  let playing = 0;
  page.onClose(stop);

  const frames = () => (visit.data?.media ?? []).filter((one) => one.kind === "frame");
  const chosen = () =>
    frames().find((one) => String(one.number) === page.query.frame) ??
    frames().find((one) => one.number === visit.data.thumbnail) ??
    frames()[0];
  const index = () => frames().indexOf(chosen());

  function show(number, focus = false) {
    go(address(["visits", params.id], { ...page.query, frame: number }), { replace: true });
    app.drawNow();
    const tile = document.getElementById(`frame-${number}`);
    tile?.scrollIntoView({ block: "nearest", inline: "nearest" });
    if (focus) tile?.focus({ preventScroll: true });
  }

  function step(by, focus) {
    const all = frames();
    const next = all[Math.max(0, Math.min(all.length - 1, index() + by))];
    if (next) show(next.number, focus);
  }

  function key(event) {
    const steps = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    if (!(event.key in steps)) return;
    event.preventDefault();
    step(steps[event.key], true);
  }

  function play() {
    if (playing) return void stop();
    if (index() >= frames().length - 1) show(frames()[0].number);
    next();
    page.changed();
  }

  function next() {
    const [now, then] = [chosen(), frames()[index() + 1]];
    if (!then) return void stop();
    const wait = Math.min(SLOWEST_MS, Math.max(FASTEST_MS, Date.parse(then.at) - Date.parse(now.at)));
    playing = setTimeout(() => {
      show(then.number);
      next();
    }, wait);
  }

  function stop() {
    clearTimeout(playing);
    playing = 0;
    page.changed();
  }

  function tile(frame, visitId) {
    const current = frame === chosen();
    return h(
      "li",
      { key: `f${frame.number}`, class: frame.changed ? "changed" : null },
      h(
        "button",
        {
          type: "button",
          id: `frame-${frame.number}`,
          class: "frame",
          "aria-current": current ? "true" : null,
          tabindex: current ? "0" : "-1",
          "aria-label": t("film.frame", { number: frame.number, at: clock(frame.at, visit.data.timeZone) }),
          onclick: () => show(frame.number),
        },
        app.may("visits_thumbnail")
          ? h("img", { src: thumbnailUrl(visitId, frame.number), alt: "", loading: "lazy", width: "96", height: "72" })
          : icon("face", "big"),
        h("span", {}, frame.changed && icon("alert"), clock(frame.at, visit.data.timeZone)),
      ),
    );
  }

  return {
    show,
    /** The picture taken last before a moment, else the first after it. */
    nearest: (at) => frames().reduce((best, one) => (Date.parse(one.at) <= Date.parse(at) ? one : (best ?? one)), null)?.number ?? null,
    render(data) {
      const frame = chosen();
      if (!frame) return empty(t("film.none"), "camera-off");
      return [
        large(page, data, frame),
        h(
          "div",
          { class: "film-acts" },
          button({ label: t("film.previous"), act: "previous", icon: "back", busy: index() === 0, onclick: () => step(-1) }),
          button({ label: t(playing ? "film.pause" : "film.play"), act: "play", icon: playing ? "pause" : "play", onclick: play }),
          button({ label: t("film.next"), act: "next", icon: "next", busy: index() === frames().length - 1, onclick: () => step(1) }),
          h("span", { class: "small" }, t("film.at", { index: index() + 1, count: frames().length })),
          app.may("face_search") &&
            linkButton({
              label: t("film.find"),
              href: address(["face-search"], { visit: data.id, frame: frame.number }),
              act: "find-face",
              icon: "face",
            }),
        ),
        h(
          "ul",
          { class: "film", "aria-label": t("film.label"), onkeydown: key },
          frames().map((one) => tile(one, data.id)),
        ),
      ];
    },
  };
}

function large({ app, t }, visit, frame) {
  const at = clock(frame.at, visit.timeZone);
  return h(
    "figure",
    { class: "screen" },
    app.may("visits_media")
      ? h("img", { src: mediaUrl(visit.id, "frame", frame.number), alt: t("film.alt", { number: frame.number, at }), key: "large" })
      : h("div", { class: "no-picture" }, icon("lock", "big"), t("film.not_yours")),
    h(
      "figcaption",
      {},
      h("span", {}, t("film.frame", { number: frame.number, at })),
      h("span", {}, bytes(frame.size)),
      frame.quality !== null && frame.quality !== undefined && h("span", {}, `${t("film.quality")} ${frame.quality}`),
      frame.faces !== null && frame.faces !== undefined && h("span", {}, t("film.faces", { count: frame.faces })),
      frame.changed && tag(t("visit.changed"), "bad", "alert"),
      h("code", { title: frame.sha256 }, `SHA-256 ${frame.sha256.slice(0, 12)}…`),
    ),
  );
}
