/** The operator's own page: who they are, what their role may do, and the way out. */
import { h } from "/kiosk/js/dom.js";
import { button, details, panel } from "../parts.js";
import { SECTIONS } from "../roles.js";
import { hasPlatform } from "./sign-in.js";

export function meView(page) {
  const { app, t } = page;
  return {
    render() {
      const { operator } = app.state();
      return {
        title: t("me.title"),
        actions: button({ label: t("me.sign_out"), act: "sign-out", icon: "left", onclick: () => signOut(page) }),
        body: [
          panel(
            null,
            details([
              [t("me.name"), operator.name],
              [t("me.role"), app.label("role", operator.role)],
            ]),
            h("p", {}, app.label("role_says", operator.role)),
          ),
          panel(
            t("me.may"),
            h(
              "ul",
              { class: "columns" },
              SECTIONS.filter(({ needs }) => app.may(needs)).map(({ name }) => h("li", { key: name }, t(`section.${name}`))),
            ),
          ),
          panel(t("me.rules"), h("p", {}, t("me.rules_text"))),
        ],
      };
    },
  };
}

async function signOut({ app, t }) {
  try {
    await app.call("POST", "/api/operators/logout");
  } catch (error) {
    if (error.status !== 401) return app.say(app.problem(error), "bad");
  }
  if (hasPlatform()) return void location.assign("/.auth/logout?post_logout_redirect_uri=/console/");
  app.kept.clear();
  app.store.set({ operator: null, lost: false, attention: { items: null, counts: {}, error: null } });
  app.focusHeading();
  app.say(t("me.signed_out"));
}
