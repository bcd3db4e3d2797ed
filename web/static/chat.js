// The built-in chat: rooms, messages, a thread, and a person's phone.
import { Composer } from "./composer.js";
import { busy, sure, tell } from "./dialogs.js";
import { frame } from "./frame.js";
import { get, page, post, user } from "./http.js";
import { key, listen } from "./keys.js";
import { Flow } from "./message.js";
import { morph } from "./morph.js";
import { Palette } from "./palette.js";
import { Phone } from "./phone.js";
import { settled, Stream } from "./stream.js";
import { keepPainting } from "./times.js";

const at = (id) => document.getElementById(id);
const asked = new URLSearchParams(location.search);
const state = { room: asked.get("room") ?? "", thread: asked.get("thread"), rooms: [], messages: new Map(), since: "", unseen: 0, unread: new Set() };

// In the demo `as` lets the phone speak for its owner, whoever acts in the rooms.
const api = (path, as = "") => `/console/api/${path}${as && as !== user() ? `${path.includes("?") ? "&" : "?"}as=${encodeURIComponent(as)}` : ""}`;

const messages = new Flow(at("messages"), "nothing-yet", openThread);
const replies = new Flow(at("replies"), "nothing-came");
const phone = new Phone(at("phone"), api, asked.get("phone") ?? "bob");

async function readRooms() {
  state.rooms = (await get(api("rooms"))).items;
  if (!state.rooms.some(({ id }) => id === state.room)) {
    state.room = (state.rooms.find(({ name }) => /incidents/.test(name)) ?? state.rooms[0])?.id ?? "";
  }
  drawRooms();
}

// Everything at first, then only what was said or edited since.
async function readMessages() {
  const room = state.room;
  if (!room) return;
  const since = state.since ? `?since=${encodeURIComponent(state.since)}` : "";
  const { items } = await get(api(`rooms/${encodeURIComponent(room)}/messages${since}`));
  if (room !== state.room) return;
  if (!since) state.messages.clear();
  for (const one of items) {
    state.messages.set(one.id, one);
    if ((one.change ?? "") > state.since) state.since = one.change;
  }
  drawMessages();
}

function drawMessages() {
  const all = [...state.messages.values()].sort((one, other) => (one.id < other.id ? -1 : 1));
  const counts = new Map();
  for (const { thread } of all) if (thread) counts.set(thread, (counts.get(thread) ?? 0) + 1);
  state.unseen += messages.show(all.filter((one) => !one.thread), counts);
  if (all.length) seen(state.room, all.at(-1).id);
  drawNewer();
  const root = state.thread && state.messages.get(state.thread);
  at("thread").hidden = !state.thread;
  if (state.thread) replies.show([...(root ? [root] : []), ...all.filter((one) => one.thread === state.thread)]);
}

function drawNewer() {
  if (messages.atEnd) state.unseen = 0;
  at("newer").hidden = !state.unseen;
  at("newer").textContent = `${state.unseen} new ↓`;
}

function drawRooms() {
  for (const kind of ["channel", "incident", "direct"]) {
    const list = at(`rooms-${kind}`);
    const fresh = list.cloneNode(false);
    fresh.append(...state.rooms.filter((room) => room.kind === kind).map(roomRow));
    morph(list, fresh);
  }
  for (const link of document.querySelectorAll("#rooms a")) {
    if (link.dataset.room === state.room) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  const room = state.rooms.find(({ id }) => id === state.room);
  if (!room) return;
  at("room-name").textContent = label(room);
  at("room-topic").textContent = room.topic ?? "";
  at("say").placeholder = `Message ${label(room)}, or / for commands`;
  document.title = `${label(room)} · Tocsin`;
  const incident = room.incident ?? /inc-\d+/i.exec(room.name)?.[0].toUpperCase();
  at("room-incident").hidden = room.kind !== "incident" || !incident;
  if (incident) at("room-incident").href = `/incidents/${incident}`;
}

const label = (room) => (room.kind === "direct" ? room.name : `#${room.name}`);

function roomRow(room) {
  const row = at("a-room").content.cloneNode(true).firstElementChild;
  row.id = `room-${room.id}`;
  const link = row.querySelector("a");
  link.href = `/chat?room=${encodeURIComponent(room.id)}`;
  link.dataset.room = room.id;
  link.querySelector(".name").textContent = label(room);
  link.querySelector(".unread").hidden = room.id === state.room || !(room.unread || state.unread.has(room.id));
  return row;
}

// Which room was read up to where, kept by this browser for each person.
const memory = () => `tocsin-seen-${user()}`;
const remembered = () => JSON.parse(localStorage.getItem(memory()) ?? "{}");

function seen(room, id) {
  state.unread.delete(room);
  localStorage.setItem(memory(), JSON.stringify({ ...remembered(), [room]: id }));
}

const MOST_LOOKED_AT = 30;

// Another room may hold news, which get a dot, or only an edit, which gets none.
async function notice(rooms) {
  for (const room of rooms.filter((one) => one !== state.room).slice(0, MOST_LOOKED_AT)) {
    const newest = (await get(api(`rooms/${encodeURIComponent(room)}/messages?limit=1`))).items.at(-1);
    const known = remembered()[room];
    if (newest && newest.id > (known ?? "")) state.unread.add(room);
  }
  if (rooms.length) drawRooms();
}

function openRoom(id, push = true) {
  Object.assign(state, { room: id, thread: null, since: "", unseen: 0 });
  state.messages.clear();
  at("messages").replaceChildren();
  drop();
  if (push) remember("pushState");
  drawRooms();
  readMessages().catch(tell);
}

function openThread(id) {
  state.thread = id;
  at("replies").replaceChildren();
  remember("replaceState");
  drawMessages();
}

function closeThread() {
  state.thread = null;
  remember("replaceState");
  drawMessages();
}

function remember(how) {
  const query = new URLSearchParams({ room: state.room });
  if (state.thread) query.set("thread", state.thread);
  history[how](null, "", `/chat?${query}`);
}

// True once the words are with the server.
async function say(room, text, { thread, as } = {}) {
  try {
    await post(api("say", as), { room, text, ...(thread && { thread }) });
  } catch (problem) {
    tell(problem);
    return false;
  }
  reread();
  return true;
}

// A press or a filled-in form: the same call whichever message, thread or phone it is on.
async function act(event) {
  const form = event.target;
  const message = form.closest(".message");
  if (!message) return;
  event.preventDefault();
  const button = event.submitter;
  if (!(await sure(button.dataset.confirm))) return;
  const as = form.closest("#phone") ? phone.person : "";
  await busy(button, async () => {
    const fields = new FormData(form);
    const values = Object.fromEntries([...fields].filter(([name]) => name.startsWith("values.")).map(([name, value]) => [name.slice(7), value]));
    const id = message.dataset.id;
    if (form.matches(".ask")) await post(api("submit", as), { form: form.dataset.form, values, message: id });
    else await post(api("press", as), { message: id, button: button.value, values });
    await Promise.all([readMessages(), phone.read()]);
  });
}

const reread = settled(async () => {
  await Promise.all([readMessages(), readRooms(), phone.read()]).catch(() => {}); // the dot says it
}, 60, 250);

// What stands above every page, like safe mode, comes with a page.
const rebanner = settled(async () => {
  const fresh = await page(location.href).catch(() => null);
  const banner = fresh?.getElementById("banner");
  if (banner) morph(at("banner"), banner);
});

// After another connection or person everything is read anew: an edit may have been missed.
function restart() {
  state.since = "";
  reread();
}

function drop() {
  delete document.body.dataset.open;
  for (const id of ["show-rooms", "show-phone"]) at(id).setAttribute("aria-expanded", "false");
}

function pull(id, what) {
  at(id).addEventListener("click", () => {
    const opens = document.body.dataset.open !== what;
    drop();
    if (opens) document.body.dataset.open = what;
    at(id).setAttribute("aria-expanded", String(opens));
    phone.flow.toEnd();
  });
}

function keys(palette) {
  key("ctrl k", "Run a command, open a page or an incident", () => palette.open());
  key("/", "Type a command", () => at("say").focus());
  key("c", "Declare an incident", () => palette.open("/incident declare "));
  for (const link of document.querySelectorAll("[data-go]")) {
    key(`g ${link.dataset.go}`, `Go to ${link.querySelector("span").textContent}`, () => link.click());
  }
  key("Escape", "Close the thread", closeThread, () => state.thread);
}

frame(() => stream.open(), restart);
keepPainting();
keys(new Palette((line) => say(state.room, line)));
listen();
new Composer(at("composer"), (text) => say(state.room, text));
new Composer(at("reply"), (text) => say(state.room, text, { thread: state.thread }));
new Composer(at("text"), (text) => say(phone.room, text, { as: phone.person }));
pull("show-rooms", "rooms");
pull("show-phone", "phone");
at("close-thread").addEventListener("click", closeThread);
at("messages").addEventListener("click", drop);
at("newer").addEventListener("click", () => messages.toEnd());
at("messages").addEventListener("scroll", drawNewer, { passive: true });
at("rooms").addEventListener("click", (event) => {
  const link = event.target.closest("a[data-room]");
  if (!link || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  openRoom(link.dataset.room);
});
addEventListener("submit", act);
addEventListener("popstate", () => openRoom(new URLSearchParams(location.search).get("room") ?? "", false));
readRooms().then(readMessages).then(() => notice(state.rooms.map(({ id }) => id))).catch(tell);
phone.read();
let connected = false;
const stream = new Stream((topics) => {
  if (topics.has("*")) {
    if (connected) rebanner(); // the page itself has just brought it
    connected = true;
    return restart();
  }
  reread();
  const rooms = [...topics].filter((topic) => topic.startsWith("room:")).map((topic) => topic.slice(5));
  notice(rooms).catch(() => {}); // a dot too few until the next nudge
}, at("live"));
