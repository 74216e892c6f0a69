/** What staff do for a person. Each act asks for its reason where the server wants one. */
import { groundFields } from "../fields.js";
import { button } from "../parts.js";

export function personActs(page, path, person) {
  const { app, t } = page;
  const self = { phone: null, erasure: null, buttons, reveal, customer, act };

  /** Asks, posts to `to` below the person, and reads the person again. The words are the catalogue's `person.{name}…`. */
  function act(name, { to = name, fields = groundFields(t), danger = false, body = (values) => values, done = () => {} } = {}) {
    return () =>
      app.ask({
        title: t(`person.${name}_title`, { name: person.data.name }),
        text: t(`person.${name}_text`),
        fields,
        confirm: t(`person.${name}`),
        danger,
        async submit(values) {
          const said = await app.call("POST", `${path}/${to}`, { json: await body(values), timeoutMs: 60_000 });
          app.say(...(done(said) ?? [t(`person.${name}_done`)]));
          await person.reload({ quiet: true });
        },
      });
  }

  const acts = {
    approve: act("approve", { fields: [] }),
    suspend: act("suspend", { danger: true }),
    reactivate: act("reactivate"),
    unlock: act("unlock"),
    erase: act("erase", { danger: true, done: (said) => void (self.erasure = said) }),
  };

  function buttons(data) {
    const offered = [
      ["approve", data.status === "pending", { icon: "check", kind: "primary" }],
      ["unlock", data.lockout.wrongPinsTotal > 0 || data.lockout.barred, { icon: "lock" }],
      ["suspend", data.status === "active" || data.status === "pending", { icon: "pause" }],
      ["reactivate", data.status === "suspended", { icon: "play" }],
      ["erase", true, { icon: "bin", kind: "danger" }],
    ];
    return [
      ...offered
        .filter(([name, fits]) => fits && app.may(`people_${name}`))
        .map(([name, , more]) => button({ label: t(`person.${name}`), act: name, onclick: acts[name], key: name, ...more })),
      app.may("holds_create") &&
        data.status !== "erasing" &&
        button({ label: t("person.hold"), act: "hold", icon: "hold", onclick: hold, key: "hold" }),
    ];
  }

  function hold() {
    app.ask({
      title: t("hold.person_title", { name: person.data.name }),
      text: t("hold.text"),
      fields: groundFields(t, { caseNeeded: true }),
      confirm: t("hold.confirm"),
      async submit(values) {
        await app.call("POST", "/api/holds", { json: { person: person.data.id, ...values } });
        app.say(t("hold.done"));
      },
    });
  }

  /** Shown until the view is left. */
  function reveal() {
    app.ask({
      title: t("person.reveal"),
      text: t("person.reveal_text"),
      fields: groundFields(t),
      confirm: t("person.reveal"),
      async submit(values) {
        self.phone = (await app.call("POST", `${path}/phone`, { json: values })).phone;
      },
    });
  }

  function customer(data) {
    app.ask({
      title: t("person.customer_title"),
      text: t("person.customer_text"),
      fields: [
        { name: "customer", label: t("person.customer"), value: data.customer ?? "", maxlength: "32", pattern: "[A-Za-z0-9\\-]{1,32}" },
      ],
      confirm: t("save"),
      async submit(values) {
        await app.call("PATCH", path, { json: { customer: values.customer } });
        app.say(t("person.customer_done"));
        await person.reload({ quiet: true });
      },
    });
  }

  return self;
}
