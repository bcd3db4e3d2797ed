// A line with a list of choices beneath it: a combobox as the ARIA practices describe it.
let lists = 0;

export class Choices {
  // offer(text) gives [{title, note, insert}]; pick(choice) is told which was taken. An eager
  // list has its first choice ready for Enter; another leaves Enter to the line until ↓ or Tab.
  constructor(input, list, { offer, pick, eager = false }) {
    Object.assign(this, { input, list, offer, pick, eager, items: [], at: -1 });
    list.id ||= `choices-${++lists}`;
    input.setAttribute("role", "combobox");
    input.setAttribute("aria-controls", list.id);
    input.setAttribute("aria-autocomplete", "list");
    input.addEventListener("input", () => (this.ready = this.refresh()));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    list.addEventListener("mousedown", (event) => this.press(event));
    this.close();
  }

  async refresh() {
    const text = this.input.value;
    const items = await this.offer(text);
    if (text !== this.input.value) return;
    this.items = items;
    this.list.replaceChildren(...items.map((item, n) => this.row(item, n)));
    this.list.hidden = !items.length;
    this.input.setAttribute("aria-expanded", String(!!items.length));
    this.move(this.eager && items.length ? 0 : -1);
  }

  row(item, n) {
    const row = Object.assign(document.createElement("li"), { id: `${this.list.id}-${n}` });
    row.setAttribute("role", "option");
    row.append(
      Object.assign(document.createElement("b"), { textContent: item.title }),
      Object.assign(document.createElement("span"), { textContent: item.note ?? "" }),
    );
    return row;
  }

  get open() {
    return !this.list.hidden;
  }

  close() {
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  move(to) {
    this.list.children[this.at]?.setAttribute("aria-selected", "false");
    this.at = to < 0 ? -1 : (to + this.items.length) % this.items.length;
    const row = this.list.children[this.at];
    row?.setAttribute("aria-selected", "true");
    row?.scrollIntoView({ block: "nearest" });
    if (row) this.input.setAttribute("aria-activedescendant", row.id);
  }

  press(event) {
    const row = event.target.closest("li");
    if (!row) return;
    event.preventDefault();
    this.take([...this.list.children].indexOf(row));
  }

  take(n) {
    const item = this.items[n];
    this.close();
    if (item) this.pick(item);
  }

  // True where the key was for the list.
  key(event) {
    if (!this.open) return false;
    if (event.key === "ArrowDown") this.move(this.at + 1);
    else if (event.key === "ArrowUp" && this.at >= 0) this.move(this.at - 1);
    else if (event.key === "Escape") this.close();
    else if (event.key === "Tab") this.take(Math.max(this.at, 0));
    else if (event.key === "Enter" && this.at >= 0) this.take(this.at);
    else return false;
    event.preventDefault();
    return true;
  }
}
