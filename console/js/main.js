/** Starts the console. */
import { askWho, createApp } from "./app.js";
import { watchAttention } from "./attention.js";
import { mountPages } from "./page.js";
import { allow } from "./sound.js";

const app = await createApp();
mountPages(app);
app.askWho = () => askWho(app);
addEventListener("pointerdown", allow, { once: true });
addEventListener("keydown", allow, { once: true });
watchAttention(app);
await askWho(app);
app.focusHeading();
app.changed();
