// Make one element look like another without replacing what is the same: focus, scroll places,
// open details and half-typed words stay. Children are matched by id, then by place and kind.
export function morph(from, to) {
  if (from.isEqualNode(to)) return;
  attributes(from, to);
  if (!kept(from)) children(from, to);
}

// What a person is typing into is theirs until they have sent it.
const kept = (one) =>
  (one === document.activeElement && one.matches("input, textarea, select")) ||
  (one.matches("input, textarea") && one.value !== one.defaultValue) ||
  one.hasAttribute("data-keep");

function attributes(from, to) {
  for (const { name } of [...from.attributes]) {
    if (!to.hasAttribute(name) && !OURS.has(name)) from.removeAttribute(name);
  }
  for (const { name, value } of to.attributes) {
    if (OURS.has(name) && from.localName === "details") continue;
    if (from.getAttribute(name) !== value) from.setAttribute(name, value);
  }
}

// Set here, not by the server: a details that stands open, the chosen row, a button in flight.
const OURS = new Set(["open", "aria-current", "aria-busy", "disabled"]);

function children(from, to) {
  const named = new Map();
  for (const child of from.children) if (child.id) named.set(child.id, child);
  let here = from.firstChild;
  for (const wanted of [...to.childNodes]) {
    const found = match(here, wanted, named);
    if (!found) {
      from.insertBefore(wanted, here);
      continue;
    }
    if (found !== here) place(from, found, here);
    here = found.nextSibling;
    update(found, wanted);
  }
  while (here) {
    const next = here.nextSibling;
    here.remove();
    here = next;
  }
}

function match(here, wanted, named) {
  if (wanted.id) {
    const found = named.get(wanted.id);
    return found?.nodeName === wanted.nodeName ? found : null;
  }
  const same = here && here.nodeType === wanted.nodeType && here.nodeName === wanted.nodeName;
  return same && !here.id ? here : null;
}

const place = (parent, child, before) =>
  parent.moveBefore ? parent.moveBefore(child, before) : parent.insertBefore(child, before);

function update(found, wanted) {
  if (found.nodeType === Node.ELEMENT_NODE) morph(found, wanted);
  else if (found.nodeValue !== wanted.nodeValue) found.nodeValue = wanted.nodeValue;
}
