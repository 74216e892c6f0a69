// Shows the messages of each number, newest first, and lets each number misbehave.

const REFRESH_MS = 1000;
const numbers = document.querySelector("#numbers");
const state = document.querySelector("#state");
const sections = new Map();

async function read(path) {
  const response = await fetch(path, { cache: "no-store" });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

async function setSwitch(section) {
  const mode = section.querySelector("select").value;
  const seconds = Number(section.querySelector("input").value) || 0;
  section.classList.toggle("late", mode === "delay");
  await fetch("numbers", { method: "PUT", body: JSON.stringify({ to: section.dataset.to, mode, seconds }) });
}

function sectionOf({ to, mode, seconds }) {
  if (sections.has(to)) return sections.get(to);
  const section = document.querySelector("#number").content.cloneNode(true).firstElementChild;
  section.dataset.to = to;
  section.querySelector("h2").textContent = to;
  section.querySelector("select").value = mode;
  section.querySelector("input").value = seconds;
  section.classList.toggle("late", mode === "delay");
  section.addEventListener("change", () => setSwitch(section));
  sections.set(to, section);
  return section;
}

function item({ sid, text, sent, status }) {
  const entry = document.querySelector("#message").content.cloneNode(true).firstElementChild;
  const when = entry.querySelector("time");
  entry.dataset.sid = sid;
  entry.querySelector("p").textContent = text;
  when.dateTime = sent;
  when.textContent = new Date(sent).toLocaleTimeString();
  if (status === "undelivered") {
    entry.classList.add("undelivered");
    when.append(" · not delivered");
  }
  return entry;
}

function show(section, messages) {
  const list = section.querySelector("ol");
  const shown = new Set([...list.children].map((entry) => entry.dataset.sid));
  const fresh = messages.filter(({ sid }) => !shown.has(sid));
  if (fresh.length || messages.length !== shown.size) list.replaceChildren(...messages.map(item));
  for (const { sid } of fresh) list.querySelector(`[data-sid="${sid}"]`).classList.add("fresh");
}

async function refresh() {
  try {
    const [{ numbers: known }, { messages }] = await Promise.all([read("numbers"), read("messages")]);
    const order = known.map(sectionOf);
    if (order.some((section, index) => numbers.children[index] !== section)) numbers.replaceChildren(...order);
    for (const section of order) show(section, messages.filter(({ to }) => to === section.dataset.to));
    state.textContent = known.length ? "" : "No messages yet.";
  } catch {
    state.textContent = "The phone has no signal: the local host is not running.";
  }
  setTimeout(refresh, REFRESH_MS);
}

refresh();
