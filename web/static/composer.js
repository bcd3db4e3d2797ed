// The line people type into: Enter sends, Shift+Enter breaks, ↑ brings back, / suggests
// and Tab completes.
import { Choices } from "./choices.js";
import { named, registry, suggest, usage } from "./commands.js";

const MOST_ROWS = 8;

export class Composer {
  // say(text) resolves to true once the words have arrived; only then are they cleared.
  constructor(form, say) {
    this.form = form;
    this.say = say;
    this.field = form.querySelector("textarea, input");
    this.note = form.querySelector(".usage");
    this.sent = [];
    this.back = 0;
    const list = form.querySelector(".choices");
    if (list) this.choices = new Choices(this.field, list, { offer: (text) => this.offer(text), pick: (one) => this.fill(one.insert) });
    this.field.addEventListener("input", () => this.grow());
    this.field.addEventListener("keydown", (event) => this.key(event));
    form.addEventListener("submit", (event) => this.submit(event));
  }

  async offer(text) {
    const commands = text.startsWith("/") ? await registry() : [];
    const current = named(commands, text);
    this.note.hidden = !current;
    this.note.textContent = current ? usage(current) : "";
    return text.startsWith("/") && !current ? suggest(commands, text) : [];
  }

  fill(text) {
    this.field.value = text;
    this.field.focus();
    this.grow();
    this.choices?.refresh();
  }

  grow() {
    if (this.field.rows) this.field.rows = Math.min(this.field.value.split("\n").length, MOST_ROWS);
  }

  key(event) {
    if (event.isComposing) return;
    if (this.choices?.key(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.form.requestSubmit();
    } else if (event.key === "ArrowUp" && !this.field.value.includes("\n")) this.recall(event, 1);
    else if (event.key === "ArrowDown" && this.back) this.recall(event, -1);
  }

  recall(event, by) {
    if (this.field.value && !this.back) return;
    const to = Math.min(Math.max(this.back + by, 0), this.sent.length);
    if (to === this.back) return;
    event.preventDefault();
    this.back = to;
    this.fill(to ? this.sent.at(-to) : "");
    this.choices?.close();
  }

  async submit(event) {
    event.preventDefault();
    const text = this.field.value.trim();
    if (!text || this.form.ariaBusy) return;
    this.choices?.close();
    this.form.ariaBusy = "true";
    const arrived = await this.say(text);
    this.form.ariaBusy = null;
    if (!arrived) return;
    this.sent.push(text);
    this.back = 0;
    this.fill("");
  }
}
