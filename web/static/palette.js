// Ctrl/⌘-K: pages, incidents and every command, from anywhere.
import { Choices } from "./choices.js";
import { named, registry, suggest, usage } from "./commands.js";

export class Palette {
  // run(line) carries out a typed command.
  constructor(run) {
    this.dialog = document.getElementById("palette");
    this.input = this.dialog.querySelector("input");
    this.note = this.dialog.querySelector(".usage");
    const list = this.dialog.querySelector(".choices");
    this.choices = new Choices(this.input, list, {
      offer: (text) => this.offer(text),
      pick: (one) => this.pick(one),
      eager: true,
    });
    this.input.addEventListener("keydown", (event) => this.key(event, run));
    document.getElementById("find").addEventListener("click", () => this.open());
  }

  open(line = "") {
    this.input.value = line;
    if (!this.dialog.open) this.dialog.showModal();
    this.input.focus();
    this.choices.ready = this.choices.refresh();
  }

  async offer(text) {
    const commands = await registry();
    const current = named(commands, text);
    this.note.textContent = current ? usage(current) : "";
    if (current) return [];
    return [...incident(text), ...(text.startsWith("/") ? [] : pages(text)), ...suggest(commands, text)];
  }

  pick(choice) {
    if (choice.url) return void location.assign(choice.url);
    this.open(choice.insert);
  }

  key(event, run) {
    if (event.key !== "Enter" || event.isComposing) return this.choices.key(event);
    event.preventDefault();
    this.choices.ready.then(() => this.enter(run)); // whoever types fast is before the list
  }

  enter(run) {
    const line = this.input.value.trim();
    if (this.choices.open && !this.whole(line)) return this.choices.take(this.choices.at);
    this.dialog.close();
    if (line) run(line.startsWith("/") ? line : `/${line}`);
  }

  // A command typed in full that needs nothing more.
  whole(line) {
    const { title, command } = this.choices.items[this.choices.at] ?? {};
    return title === line && command && !command.args.some(({ required }) => required);
  }
}

function incident(text) {
  const found = /^(?:inc-?)?(\d+)$/i.exec(text.trim());
  return found ? [{ title: `INC-${found[1]}`, note: "Open the incident", url: `/incidents/INC-${found[1]}` }] : [];
}

function pages(text) {
  return [...document.querySelectorAll(".bar nav a, .bar a.admin")]
    .map((link) => ({ title: (link.querySelector("span") ?? link).textContent, note: "Page", url: link.href }))
    .filter(({ title }) => title.toLowerCase().startsWith(text.trim().toLowerCase()));
}
