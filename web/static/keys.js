// Keys. The help lists this very table, so it cannot promise a key that does nothing.
const PATIENCE = 1200;
const table = [];
let first = "", forget, extra = () => [];

// `works` says whether the key does anything on this page now.
export const key = (keys, label, run, works = () => true) => table.push({ keys, label, run, works });

// `offered()` gives further keys of this page as it stands now: [{keys, label, run}].
export const offer = (offered) => (extra = offered);

export function listen() {
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented) return;
    if (event.key === "Escape" && typing(event)) return void event.target.blur();
    if (event.altKey || typing(event) || document.querySelector("dialog[open]")) return;
    const found = look(event);
    if (!found) return;
    event.preventDefault();
    found.run(event);
  });
  key("?", "Show these keys", help);
}

export const typing = ({ target }) =>
  target instanceof Element && target.closest("input:not([type=checkbox]), textarea, select, [contenteditable]");

function look(event) {
  if (event.ctrlKey || event.metaKey) return find(`ctrl ${event.key.toLowerCase()}`);
  const typed = first ? `${first} ${event.key}` : event.key;
  clearTimeout(forget);
  first = "";
  if (table.some((one) => one.keys.startsWith(`${typed} `))) {
    first = typed;
    forget = setTimeout(() => (first = ""), PATIENCE);
  }
  return find(typed);
}

const all = () => [...table.filter((one) => one.works()), ...extra()];
const find = (typed) => all().find((one) => one.keys === typed);

function help() {
  const dialog = document.getElementById("keys");
  const rows = all().flatMap(({ keys, label }) => {
    const [name, says] = [document.createElement("dt"), document.createElement("dd")];
    name.append(...keys.split(" ").flatMap((one) => [cap(one), " "]));
    says.textContent = label;
    return [name, says];
  });
  dialog.querySelector("dl").replaceChildren(...rows);
  dialog.showModal();
}

const cap = (text) =>
  Object.assign(document.createElement("kbd"), { textContent: text === "ctrl" ? "Ctrl/⌘" : text });
