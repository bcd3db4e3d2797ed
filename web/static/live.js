// The dashboard: pages are complete without this; it keeps them true and adds keys.
import { answer, busy, sure } from "./dialogs.js";
import { frame, OPEN } from "./frame.js";
import { page, send } from "./http.js";
import { key, listen, offer } from "./keys.js";
import { morph } from "./morph.js";
import { Palette } from "./palette.js";
import { settled, Stream, touches } from "./stream.js";
import { keepPainting, paint, serverSays } from "./times.js";

const main = () => document.getElementById("main");
let held = null; // the newest page while its new rows wait behind "3 new"

const reread = settled(async () => {
  const fresh = await page(location.href).catch(() => null);
  if (!fresh) return; // the dot says so already; the next nudge or connection reads again
  const wanted = fresh.getElementById("main");
  if (!wanted) return;
  serverSays(wanted.dataset.now);
  held = hold(wanted);
  show(wanted);
  for (const part of [".bar nav", "#banner"]) morph(document.querySelector(part), fresh.querySelector(part));
});

function show(wanted) {
  paint(wanted);
  morph(main(), wanted);
  announce();
}

// A feed never moves under the reader's pointer: new rows wait until they are asked for.
function hold(wanted) {
  const [old, next] = [document.querySelector("[data-feed]"), wanted.querySelector("[data-feed]")];
  if (!old || !next) return null;
  const news = [...next.children].filter((row) => row.id && !document.getElementById(row.id));
  if (!news.length || news.length === next.children.length) return null;
  const whole = wanted.cloneNode(true);
  news.forEach((row) => row.remove());
  return { whole, count: news.length };
}

function announce() {
  document.getElementById("fresh")?.remove();
  if (!held) return;
  const bar = Object.assign(document.createElement("button"), { id: "fresh", type: "button", className: "fresh primary" });
  bar.textContent = `${held.count} new: show`;
  bar.addEventListener("click", unveil);
  const feed = document.querySelector("[data-feed]");
  (feed.closest(".scroll") ?? feed).before(bar);
}

function unveil() {
  const { whole } = held;
  held = null;
  show(whole);
}

// Every form that makes a command call is sent in place; the answer comes up over the page.
async function command(event) {
  const form = event.target;
  if (form.getAttribute("action") !== "/ui/command") return;
  event.preventDefault();
  const button = event.submitter;
  if (!(await sure(button?.dataset.confirm))) return;
  const fields = new FormData(form, button);
  const said = await busy(button, () => send("/ui/command", fields));
  if (said) settle(said, form);
}

async function run(line) {
  const said = await busy(null, () => send("/ui/command", { line, back: location.pathname + location.search }));
  if (said) settle(said);
}

function settle(said, form) {
  if (said.location) return void location.assign(said.location);
  if (!said.refused && !said.dry) {
    form?.reset();
    document.querySelectorAll(OPEN).forEach((one) => (one.open = false));
  }
  answer(said);
  reread();
}

const rows = () => [...document.querySelectorAll("[data-row]")].filter((row) => row.checkVisibility());
const row = () => document.querySelector('[data-row][aria-current="true"]');

function step(by) {
  const all = rows();
  const next = all[Math.min(Math.max(all.indexOf(row()) + by, 0), all.length - 1)];
  row()?.removeAttribute("aria-current");
  next.setAttribute("aria-current", "true");
  next.scrollIntoView({ block: "nearest" });
  next.querySelector("a, summary")?.focus({ preventScroll: true });
}

// The button that a letter presses: the chosen row's, else the page's own, else the only one.
function target(letter) {
  const all = [...document.querySelectorAll(`[data-key="${letter}"]`)];
  const own = all.filter((one) => !one.closest("[data-row]"));
  return row()?.querySelector(`[data-key="${letter}"]`) ?? own[0] ?? (all.length === 1 ? all[0] : null);
}

function use(letter) {
  const found = target(letter);
  if (found.localName !== "details") return found.click();
  const menu = found.closest(".more-actions");
  if (menu) menu.open = true;
  found.open = !found.open;
  if (found.open) found.querySelector("input:not([type=hidden]), textarea, select")?.focus();
}

function keys(palette) {
  key("ctrl k", "Run a command, open a page or an incident", () => palette.open());
  key("/", "Search this page", () => document.querySelector("[data-search]").focus(), () => document.querySelector("[data-search]"));
  for (const link of document.querySelectorAll("[data-go]")) {
    key(`g ${link.dataset.go}`, `Go to ${link.querySelector("span").textContent}`, () => link.click());
  }
  const many = () => rows().length;
  key("j", "Next row", () => step(1), many);
  key("k", "Previous row", () => step(-1), many);
  key("c", "Declare an incident", () => palette.open("/incident declare "), () => !target("c"));
  offer(letters);
}

// The letters that stand on buttons; in a list only once a row is chosen.
function letters() {
  const named = new Set([...document.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
  return [...named].filter(target).map((letter) => ({ keys: letter, label: words(target(letter)), run: () => use(letter) }));
}

function words(button) {
  const face = (button.querySelector("summary") ?? button).cloneNode(true);
  face.querySelectorAll("kbd").forEach((one) => one.remove());
  return face.textContent.trim();
}

frame(() => location.reload(), reread);
paint();
keepPainting();
const palette = new Palette(run);
keys(palette);
listen();
addEventListener("submit", command);
document.querySelector("[data-print]")?.addEventListener("click", () => print());
new Stream((topics) => touches(topics, main().dataset.topics.split(" ")) && reread(), document.getElementById("live"));
