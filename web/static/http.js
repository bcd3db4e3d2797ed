// The server, spoken to in one way: JSON there and back, the form token on every change.
import { serverSays } from "./times.js";

export class Problem extends Error {
  constructor(status, text, request = "") {
    super(text);
    this.status = status;
    this.request = request;
  }
}

const meta = (name) => document.querySelector(`meta[name="${name}"]`);

export const user = () => meta("user")?.content ?? "";

// In the demo another person takes over without a new page.
export function become(person, csrf) {
  if (meta("user")) meta("user").content = person;
  if (csrf) meta("csrf").content = csrf;
}

export const get = (url) => ask(url, {});

export const post = (url, body) =>
  ask(url, {
    method: "POST",
    body: JSON.stringify(body),
    headers: { "Content-Type": "application/json", "X-Tocsin-CSRF": meta("csrf").content },
  });

// Fields as a browser's own form would send them, but answered with JSON.
export const send = (url, fields) =>
  ask(url, {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { "X-Tocsin-CSRF": meta("csrf").content },
  });

export async function page(url) {
  const answer = await reach(url, { headers: { Accept: "text/html" } });
  if (!answer.ok) throw await problem(answer);
  if (new URL(answer.url).pathname === "/login") return void location.reload(); // the session is over
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

async function ask(url, options) {
  const headers = { Accept: "application/json", ...options.headers };
  const answer = await reach(url, { ...options, headers });
  if (!answer.ok) throw await problem(answer);
  return answer.status === 204 ? {} : answer.json();
}

async function reach(url, options) {
  let answer;
  try {
    answer = await fetch(url, { credentials: "same-origin", ...options });
  } catch {
    throw new Problem(0, "The server cannot be reached. Nothing was sent; try again in a moment.");
  }
  serverSays(answer.headers.get("X-Tocsin-Now"));
  return answer;
}

async function problem(answer) {
  if (answer.status === 401) return new Problem(401, "You are signed out. Reload the page to sign in.");
  const said = await answer.json().catch(() => ({}));
  const text = said.detail || said.title || `The server answered ${answer.status}.`;
  return new Problem(answer.status, text, said.request_id ?? "");
}
