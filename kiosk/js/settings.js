/** The customer's own choices: language, spoken guidance, where the controls are. */
import { load, loaded } from "./i18n.js";
import { hush } from "./speech.js";

export function settingActions(store) {
  return {
    async setLanguage(language) {
      try {
        if (!loaded(language)) await load(language);
        store.set({ language, languageChosen: true });
      } catch {
        store.set({ problem: "network" });
      }
    },
    toggleSpoken: () => {
      hush();
      store.set((state) => ({ spoken: !state.spoken }));
    },
    toggleReach: () => store.set((state) => ({ reach: state.reach === "low" ? "normal" : "low" })),
    openDialog: (dialog) => store.set({ dialog, problem: null }),
    closeDialog: () => store.set({ dialog: null }),
  };
}
