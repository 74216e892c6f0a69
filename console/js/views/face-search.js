/** Asking where a face was seen: a photograph or a picture of a visit, for a reason and a case. */
import { h } from "/kiosk/js/dom.js";
import { mediaUrl } from "../api.js";
import { field, groundFields, written } from "../fields.js";
import { alert, icon, linkButton, note } from "../parts.js";
import { prepared } from "../picture.js";
import { address, go } from "../router.js";

export function faceSearchView(page) {
  const { app, t } = page;
  const state = { error: null, busy: false, preview: null, off: false };
  page.onClose(() => forget(state));

  function picked(event) {
    forget(state);
    const file = event.target.files[0];
    state.preview = file ? URL.createObjectURL(file) : null;
    page.changed();
  }

  async function submit(event) {
    event.preventDefault();
    if (state.busy) return;
    const values = written(event.target);
    Object.assign(state, { busy: true, error: null });
    page.changed();
    try {
      const photo = values.photo && (await readable(values.photo));
      if (values.photo && !photo) state.error = t("face.unreadable");
      else await search(values, photo);
    } catch (error) {
      state.off = error.code === "search_off";
      state.error = state.off ? null : app.problem(error);
    }
    state.busy = false;
    page.changed();
  }

  async function search({ reason, case: reference }, photo) {
    const { visit, frame } = page.query;
    const what = visit ? { visit, frame: Number(frame) } : { photo };
    const found = await app.call("POST", "/api/face-search", { json: { ...what, reason, case: reference }, timeoutMs: 60_000 });
    go(address(["face-search", found.id]));
  }

  return {
    moved: page.changed,
    render: () => ({
      title: t("section.face-search"),
      body: [
        h("p", { class: "lead" }, t("face.lead")),
        state.off && note(t("face.off"), "warm", "lock"),
        h(
          "form",
          { class: "panel form", onsubmit: submit },
          page.query.visit
            ? ofVisit(page)
            : field({
                name: "photo",
                label: t("face.photo"),
                type: "file",
                accept: "image/jpeg,image/png,image/webp",
                required: true,
                onchange: picked,
                hint: t("face.photo_hint"),
              }),
          state.preview && !page.query.visit && h("img", { class: "preview", src: state.preview, alt: t("face.photo_alt") }),
          groundFields(t, { caseNeeded: true }).map(field),
          alert(state.error),
          note(t("face.audited"), "", "book"),
          h(
            "button",
            { type: "submit", class: "button primary", "data-act": "search-face", "aria-disabled": state.busy ? "true" : null },
            icon("face"),
            h("span", {}, t(state.busy ? "face.searching" : "face.search")),
          ),
        ),
      ],
    }),
  };
}

function forget(state) {
  if (state.preview) URL.revokeObjectURL(state.preview);
  state.preview = null;
}

const readable = (file) => prepared(file).catch(() => null);

const ofVisit = ({ t, query }) =>
  h(
    "figure",
    { class: "picked-frame" },
    h("img", { class: "preview", src: mediaUrl(query.visit, "frame", query.frame), alt: t("face.frame_alt", { number: query.frame }) }),
    h(
      "figcaption",
      {},
      t("face.frame", { number: query.frame }),
      " ",
      linkButton({ label: t("face.upload_instead"), href: address(["face-search"]), act: "upload-instead", kind: "quiet" }),
    ),
  );
