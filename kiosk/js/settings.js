/** The customer's own choices: language, spoken guidance, where the controls are. They last for one visit. */
import { load, loaded, OWN_NAMES } from "./i18n.js";
import { hush } from "./speech.js";

/** What the device itself asks for is where every visit starts. */
export const contrastOfDevice = () => (matchMedia("(prefers-contrast: more)").matches ? "more" : "normal");

export function settings(app) {
  const { store } = app;

  /** Choices survive a reload in the middle of a visit. */
  function keepChoices() {
    const { language, languageChosen, spoken, sounds, reach, contrast } = store.get();
    app.visit()?.keep({ choices: { language, languageChosen, spoken, sounds, reach, contrast } });
  }

  function choose(patch) {
    store.set(patch);
    keepChoices();
  }

  async function speakLanguage(language, languageChosen) {
    try {
      if (!loaded(language)) await load(language);
      choose({ language, languageChosen });
    } catch {
      store.set({ problem: "network" });
    }
  }

  return {
    keepChoices,
    /** The language this person chose on an earlier visit, unless they have just chosen another. */
    follow(language) {
      const { languageChosen, language: now, config } = store.get();
      if (language === now || languageChosen || !config.languages.includes(language) || !(language in OWN_NAMES)) return;
      speakLanguage(language, false);
    },
    defaults: () => ({
      language: store.get().config.languages[0],
      languageChosen: false,
      spoken: false,
      sounds: true,
      reach: "normal",
      contrast: contrastOfDevice(),
    }),
    actions: {
      setLanguage: async (language) => {
        await speakLanguage(language, true);
        // For the messages of this visit and for the next one; the page speaks it whatever the answer is.
        await app.visit()?.call("PUT", "/language", { json: { language } }).catch(() => {});
      },
      toggleSpoken: () => {
        hush();
        choose({ spoken: !store.get().spoken });
      },
      toggleSounds: () => choose({ sounds: !store.get().sounds }),
      toggleReach: () => choose({ reach: store.get().reach === "low" ? "normal" : "low" }),
      toggleContrast: () => choose({ contrast: store.get().contrast === "more" ? "normal" : "more" }),
      openDialog: (dialog) => store.set({ dialog }),
      closeDialog: () => store.set({ dialog: null }),
    },
  };
}
