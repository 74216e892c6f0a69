/** What an officer does about a visit: checking the recordings, holding them, exporting them. */
import { groundFields } from "../fields.js";
import { exportDialog } from "./export.js";

export function visitActs(page, path, visit) {
  const { app, t, params } = page;
  const self = {
    verified: null,
    verify,
    hold,
    export: () => exportDialog(page, { visit: params.id }, t("export.visit", { reference: visit.data.reference })),
  };

  async function verify() {
    try {
      self.verified = await app.call("POST", `${path}/verify`, { timeoutMs: 60_000 });
      const bad = self.verified.changed.length + self.verified.missing.length > 0;
      app.say(t(bad ? "verify.differs" : "verify.same", { count: self.verified.checked }), bad ? "bad" : "good");
      await visit.reload({ quiet: true });
    } catch (error) {
      self.verified = { error };
    }
    page.changed();
  }

  function hold() {
    app.ask({
      title: t("hold.visit_title"),
      text: t("hold.text"),
      fields: groundFields(t, { caseNeeded: true }),
      confirm: t("hold.confirm"),
      async submit(values) {
        await app.call("POST", "/api/holds", { json: { visit: params.id, ...values } });
        app.say(t("hold.done"));
        await visit.reload({ quiet: true });
      },
    });
  }

  return self;
}
