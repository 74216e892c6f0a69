/** Photos that staff add: in use at once where the machine knows the face, else after a second operator has looked. */
import { h } from "/kiosk/js/dom.js";
import { Problem } from "../api.js";
import { groundFields } from "../fields.js";
import { button, panel } from "../parts.js";
import { prepared } from "../picture.js";
import { moment, ownZone } from "../times.js";

export function photosPanel({ app, t, params }, { photosWaiting, status }, { act }) {
  const mayAdd = app.may("people_photo_add") && status === "active";
  if (!mayAdd && photosWaiting.length === 0) return null;
  const file = { name: "photo", label: t("face.photo"), type: "file", accept: "image/jpeg,image/png,image/webp", required: true };
  const add = {
    to: "photos",
    fields: [file, ...groundFields(t)],
    body: async (values) => ({ ...values, photo: await read(values.photo) }),
    done: ({ waiting: waits }) => (waits ? [t("person.photo_waits"), "warm"] : null),
  };
  return panel(
    t("person.photos"),
    photosWaiting.length > 0 &&
      h(
        "ul",
        { class: "cards" },
        photosWaiting.map((photo) => waiting({ app, t, params }, photo, act)),
      ),
    h("p", {}, t("person.photos_text")),
    mayAdd &&
      h(
        "div",
        { class: "actions" },
        button({ label: t("person.photo_add"), act: "photo-add", icon: "upload", onclick: act("photo_add", add) }),
      ),
  );
}

/** @throws {Problem} as the server would, for what is no picture */
const read = (picture) =>
  prepared(picture).catch(() => {
    throw new Problem(400, "bad_photo", "", null);
  });

function waiting({ app, t, params }, { id, at, by }, act) {
  const path = `photos/${encodeURIComponent(id)}`;
  return h(
    "li",
    { class: "card", key: id },
    app.may("people_photo_waiting") &&
      h("img", { class: "portrait", src: `/api/people/${encodeURIComponent(params.id)}/${path}`, alt: t("person.photo_alt") }),
    h("p", { class: "card-words" }, t("person.photo_of", { by, at: moment(at, ownZone()) })),
    h(
      "div",
      { class: "card-acts" },
      app.may("people_photo_approve") &&
        button({ label: t("person.photo_approve"), act: "photo-approve", onclick: act("photo_approve", { to: `${path}/approve` }) }),
      app.may("people_photo_refuse") &&
        button({
          label: t("person.photo_refuse"),
          act: "photo-refuse",
          kind: "danger",
          onclick: act("photo_refuse", { to: `${path}/refuse`, danger: true }),
        }),
    ),
  );
}
