/** What happens in front of the machines now. */
import { h } from "/kiosk/js/dom.js";
import { empty, fetched, icon, tag } from "../parts.js";
import { mediaUrl } from "../api.js";
import { address } from "../router.js";
import { length } from "../times.js";

const EVERY_MS = 2000;

export function liveView(page) {
  const { app, t } = page;
  const live = page.resource(async () => (await app.call("GET", "/api/visits/live")).items);
  live.reload();
  page.every(EVERY_MS, () => live.reload({ quiet: true }));
  return {
    render: () => ({
      title: t("section.live"),
      wide: true,
      tags: live.data && tag(t("live.count", { count: live.data.length }), live.data.length ? "live" : "", "live"),
      body: fetched(app, live, (items) =>
        items.length === 0
          ? empty(t("live.none"), "live")
          : h(
              "ul",
              { class: "tiles" },
              items.map((visit) => tile(page, visit)),
            ),
      ),
    }),
  };
}

function tile({ app, t }, visit) {
  const who = visit.person ?? visit.claimed;
  return h(
    "li",
    { class: `tile ${visit.state === "assistance" ? "call" : ""}`, key: visit.id },
    h(
      "a",
      { href: address(["visits", visit.id]), class: "tile-link" },
      visit.lastFrame && app.may("visits_media")
        ? h("img", { src: mediaUrl(visit.id, "frame", visit.lastFrame), alt: t("live.picture", { kiosk: visit.kioskName }) })
        : h("div", { class: "no-picture" }, icon("camera-off", "big")),
      h("b", {}, `${visit.kiosk} ${visit.kioskName}`),
    ),
    h(
      "p",
      { class: "tile-line" },
      tag(app.label("state", visit.state), visit.state === "assistance" ? "warm" : "live"),
      h("span", {}, length(visit.seconds)),
    ),
    h(
      "p",
      { class: "small" },
      [visit.reference, who?.name, visit.guidance && app.label("guidance", visit.guidance)].filter(Boolean).join(" · "),
    ),
  );
}
