// Messages as the server draws them, put into place: new ones appended, edited ones morphed.
import { morph } from "./morph.js";
import { paint } from "./times.js";

const NEAR = 80; // px from the end that still count as reading the newest
const TOGETHER = 5 * 60_000; // one author's messages stand together within this time

const copy = (id) => document.getElementById(id).content.cloneNode(true);

export class Flow {
  // `empty` is the template shown for nothing. onThread(id) opens a message's thread; without it
  // no replies are counted.
  constructor(box, empty, onThread = null) {
    this.box = box;
    this.empty = empty;
    this.onThread = onThread;
    box.addEventListener("click", (event) => {
      if (event.target.closest(".replies")) onThread?.(event.target.closest(".message").dataset.id);
    });
  }

  get atEnd() {
    return this.box.scrollHeight - this.box.scrollTop - this.box.clientHeight < NEAR;
  }

  toEnd() {
    this.box.scrollTop = this.box.scrollHeight;
  }

  // All there is: what is not among `messages` goes. Returns how many came below the reader's eye.
  show(messages, counts = new Map()) {
    const first = !this.box.querySelector(".message");
    const stay = first || this.atEnd;
    const wanted = new Set(messages.map((one) => this.name(one.id)));
    for (const old of [...this.box.children]) if (!wanted.has(old.id)) old.remove();
    let fresh = 0, before = null;
    for (const one of messages) {
      fresh += this.put(one, before, counts.get(one.id) ?? 0);
      before = one;
    }
    if (!messages.length) this.box.replaceChildren(copy(this.empty));
    if (stay) this.toEnd();
    return stay ? 0 : fresh;
  }

  put(message, before, replies) {
    const drawn = draw(message, this.name(message.id), before, this.onThread ? replies : 0);
    const old = document.getElementById(drawn.id);
    if (old) return morph(old, drawn), 0;
    const last = before && document.getElementById(this.name(before.id));
    if (last) last.after(drawn);
    else this.box.prepend(drawn);
    return 1;
  }

  name(id) {
    return `${this.box.id}-${id}`;
  }
}

export const isBot = (author) => author === "tocsin";

export function nameOf(author, given) {
  if (given) return given;
  const known = document.querySelector(`#people option[value="${CSS.escape(author)}"]`);
  return known?.textContent ?? author.charAt(0).toUpperCase() + author.slice(1);
}

function draw(message, id, before, replies) {
  const element = copy("a-message").firstElementChild;
  element.id = id;
  Object.assign(element.dataset, { id: message.id, urgency: message.urgency ?? "", author: message.author });
  element.querySelector(".body").innerHTML = message.html;
  head(element, message);
  if (continues(message, before)) element.dataset.continues = "";
  if (replies) {
    const link = element.querySelector(".replies");
    link.hidden = false;
    link.querySelector("span").textContent = replies === 1 ? "1 reply" : `${replies} replies`;
  }
  paint(element);
  return element;
}

function head(element, message) {
  const name = nameOf(message.author, message.author_name);
  element.querySelector(".who").textContent = isBot(message.author) ? "Tocsin" : name;
  const face = element.querySelector(".face");
  face.replaceChildren(isBot(message.author) ? copy("the-bell") : name.charAt(0).toUpperCase());
  element.querySelector("header time").dateTime = message.at;
  const edited = element.querySelector(".edited");
  edited.hidden = !message.edited_at;
  if (message.private_to) {
    element.dataset.private = "";
    element.querySelector(".only").hidden = false;
  }
}

const continues = (message, before) =>
  before && before.author === message.author && !!before.private_to === !!message.private_to &&
  new Date(message.at) - new Date(before.at) < TOGETHER && message.urgency !== "page";
