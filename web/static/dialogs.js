// What comes up over a page: short notices, a question before something grave, an answer.
import { paint } from "./times.js";

const LONG_ENOUGH = 7000, SHORT = 200;

export function toast(text, small = "") {
  const box = document.createElement("div");
  box.className = "toast";
  const words = document.createElement("span");
  words.textContent = text;
  if (small) words.append(document.createElement("br"), Object.assign(document.createElement("small"), { textContent: small }));
  const close = Object.assign(document.createElement("button"), { type: "button", textContent: "×" });
  close.setAttribute("aria-label", "Close");
  close.onclick = () => box.remove();
  box.append(words, close);
  document.getElementById("toasts").append(box);
  setTimeout(() => box.remove(), LONG_ENOUGH);
}

export const tell = (problem) => toast(problem.message, problem.request ? `request ${problem.request}` : "");

export function sure(question) {
  if (!question) return Promise.resolve(true);
  const dialog = document.getElementById("sure");
  dialog.querySelector("p").textContent = question;
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((done) => dialog.addEventListener("close", () => done(dialog.returnValue === "yes"), { once: true }));
}

// A short answer passes by; one that is long or asks something back stays until it is closed.
// Its HTML comes from the server's own renderer, which escapes every word of it.
export function answer({ html, text }) {
  const dialog = document.getElementById("answer");
  if (text && text.length < SHORT && !html.includes("<form")) {
    dialog.close();
    return toast(text);
  }
  dialog.querySelector(".body").innerHTML = html;
  paint(dialog);
  if (!dialog.open) dialog.showModal();
}

export async function busy(button, work) {
  const all = [...((button?.closest(".message") ?? button?.form)?.querySelectorAll("button") ?? [])];
  const before = all.map((one) => one.disabled);
  all.forEach((one) => (one.disabled = true));
  button?.setAttribute("aria-busy", "true");
  try {
    return await work();
  } catch (problem) {
    if (!("status" in problem)) throw problem;
    tell(problem);
    return null;
  } finally {
    button?.removeAttribute("aria-busy");
    all.forEach((one, n) => (one.disabled = before[n]));
  }
}
