// Nudges from the server: what has changed, never what it is now. A lost one costs nothing,
// because every new connection reads everything again.
const FIRST_WAIT = 500, LONGEST_WAIT = 15_000, HIDDEN_FOR = 30_000;

export class Stream {
  // onNudge(topics) hears a Set; "*" means that anything may have changed.
  constructor(onNudge, dot) {
    this.onNudge = onNudge;
    this.dot = dot;
    this.wait = FIRST_WAIT;
    this.since = Date.now();
    document.addEventListener("visibilitychange", () => this.seen());
    addEventListener("online", () => this.open());
    addEventListener("pagehide", () => this.close());
    setInterval(() => this.show(), 1000);
    this.open();
  }

  open() {
    this.close();
    this.source = new EventSource("/api/v1/live");
    this.source.onopen = () => {
      this.wait = FIRST_WAIT;
      this.turn("live");
      this.onNudge(new Set(["*"]));
    };
    this.source.addEventListener("nudge", (event) => this.onNudge(new Set(JSON.parse(event.data).topics)));
    this.source.onerror = () => this.lost();
  }

  close() {
    clearTimeout(this.again);
    this.source?.close();
    this.source = null;
  }

  // EventSource gives up at once on an answer like 503, so the waiting is done here.
  lost() {
    this.close();
    this.turn(navigator.onLine ? "waiting" : "offline");
    this.again = setTimeout(() => this.open(), this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  }

  // A browser holds few connections to one server: tabs nobody looks at give theirs back.
  seen() {
    clearTimeout(this.rest);
    if (document.hidden) this.rest = setTimeout(() => this.close(), HIDDEN_FOR);
    else if (!this.source) this.open();
  }

  turn(state) {
    if (state !== this.state) this.since = Date.now();
    this.state = state;
    this.show();
  }

  show() {
    if (!this.dot || !this.state) return;
    const late = Math.round((Date.now() - this.since) / 1000);
    const text = { live: "live", waiting: `${late} s behind`, offline: "offline" }[this.state];
    this.dot.dataset.state = this.state;
    const label = this.dot.querySelector("span");
    if (label.textContent !== text) label.textContent = text;
  }
}

// Once for a burst, never twice at a time, and in a storm at most every `apart` ms.
export function settled(work, quiet = 120, apart = 1000) {
  let timer = null, running = false, again = false;
  const run = async () => {
    [timer, running] = [null, true];
    try {
      await work();
    } finally {
      running = false;
      if (again) timer = setTimeout(run, apart);
      again = false;
    }
  };
  return () => {
    if (running) again = true;
    else timer ??= setTimeout(run, quiet);
  };
}

// "incident" stands for every incident; "*" for everything.
export const touches = (topics, watched) =>
  topics.has("*") || watched.includes("*") ||
  [...topics].some((topic) => watched.some((one) => topic === one || topic.startsWith(`${one}:`)));
