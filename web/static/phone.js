// What reaches a person: the lock screen's line, then the messages with their buttons.
import { get } from "./http.js";
import { Flow } from "./message.js";
import { now } from "./times.js";

const GLANCE = 2000;

export class Phone {
  constructor(box, api, chosen) {
    this.api = api;
    this.tabs = [...box.querySelectorAll("[role=tab]")];
    this.lock = box.querySelector("#lock");
    this.flow = new Flow(box.querySelector("#direct"), "nothing-came");
    this.all = new Map();
    this.tabs.forEach((tab, n) => {
      tab.addEventListener("click", () => this.choose(tab.dataset.person));
      tab.addEventListener("keydown", (event) => this.arrow(event, n));
    });
    setInterval(() => this.time(box.querySelector("#phone-time")), 1000);
    // The stream tells only what its own reader may hear: other phones are looked at.
    if (this.tabs.length > 1) setInterval(() => document.hidden || this.read(), GLANCE);
    this.choose(this.tabs.some((tab) => tab.dataset.person === chosen) ? chosen : this.tabs[0]?.dataset.person);
  }

  choose(person) {
    this.person = person;
    for (const tab of this.tabs) {
      const own = tab.dataset.person === person;
      tab.setAttribute("aria-selected", String(own));
      tab.tabIndex = own ? 0 : -1;
    }
    this.flow.box.replaceChildren();
    this.draw();
  }

  arrow(event, n) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    const tab = this.tabs.at((n + by) % this.tabs.length);
    tab.focus();
    this.choose(tab.dataset.person);
  }

  async read() {
    await Promise.all(this.tabs.map((tab) => this.catchUp(tab.dataset.person).catch(() => {})));
    this.draw();
  }

  async catchUp(person) {
    const known = this.all.get(person) ?? { messages: new Map(), since: "" };
    const since = known.since ? `?since=${encodeURIComponent(known.since)}` : "";
    const { items } = await get(this.api(`dms${since}`, person));
    for (const one of items) {
      known.messages.set(one.id, one);
      if (one.change > known.since) known.since = one.change;
    }
    this.all.set(person, known);
  }

  of(person) {
    const all = [...(this.all.get(person)?.messages.values() ?? [])];
    return all.sort((one, other) => (one.id < other.id ? -1 : 1));
  }

  get room() {
    return `dm-${this.person}`;
  }

  draw() {
    for (const tab of this.tabs) {
      const rings = ringing(this.of(tab.dataset.person));
      tab.toggleAttribute("data-ringing", rings);
      tab.querySelector("i").textContent = rings ? ", being paged" : "";
    }
    const messages = this.of(this.person);
    this.flow.show(messages);
    const newest = messages.at(-1);
    const words = this.lock.querySelector("p");
    const line = newest ? newest.text.split("\n", 1)[0] : "Nothing has come.";
    if (words.textContent !== line) words.textContent = line;
    this.lock.toggleAttribute("data-ringing", ringing(messages));
  }

  time(face) {
    const text = now().toISOString().slice(11, 16);
    if (face.textContent !== text) face.textContent = text;
  }
}

// A page rings until its Ack button is gone.
const ringing = (messages) =>
  messages.some((one) => one.urgency === "page" && one.buttons[0]?.label === "Ack");
