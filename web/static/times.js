// Instants in the reader's own words: how long ago, or the clock of the reader's zone.
const MINUTE = 60, HOUR = 3600, DAY = 86400;
let ahead = 0; // how far the server's clock (the demo moves it) is before this machine's, in ms

export function serverSays(iso) {
  if (iso) ahead = new Date(iso) - Date.now();
}

export const now = () => new Date(Date.now() + ahead);

export function paint(root = document) {
  for (const one of root.querySelectorAll("time[datetime]")) {
    const at = new Date(one.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    const text = (SHOWN[one.dataset.as] ?? clock)(at);
    if (one.textContent !== text) one.textContent = text;
    one.title = `${utc(at)} UTC (${relative(at)})`;
  }
}

// Long pages keep their words true; nothing else on the page moves.
export const keepPainting = () => setInterval(() => document.hidden || paint(), 15_000);

export function relative(at) {
  const seconds = Math.round((now() - at) / 1000);
  const span = length(Math.abs(seconds));
  if (Math.abs(seconds) < 5) return "now";
  return seconds < 0 ? `in ${span}` : `${span} ago`;
}

export function clock(at) {
  const time = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  const text = sameDay(at, now()) ? time : `${day(at)} ${time}`;
  return at.getTimezoneOffset() ? `${text} (${utc(at).slice(11, 16)} UTC)` : text;
}

export const utc = (at) => at.toISOString().slice(0, 19).replace("T", " ");

const SHOWN = { ago: relative, clock, due: (at) => `${clock(at)} (${relative(at)})` };

const sameDay = (one, other) => one.toDateString() === other.toDateString();

function day(at) {
  const near = Math.abs(at - now()) < 6 * DAY * 1000;
  return at.toLocaleDateString("en-GB", near ? { weekday: "short" } : { day: "numeric", month: "short" });
}

function length(seconds) {
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < DAY) return two(seconds, HOUR, "h", MINUTE, "min");
  return seconds < 7 * DAY ? two(seconds, DAY, "d", HOUR, "h") : `${Math.floor(seconds / DAY)} d`;
}

function two(seconds, big, bigName, small, smallName) {
  const rest = Math.floor((seconds % big) / small);
  return `${Math.floor(seconds / big)} ${bigName}${rest ? ` ${rest} ${smallName}` : ""}`;
}
