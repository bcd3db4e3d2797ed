// The bar on top of every page: light or dark, whose session, the demo's clock.
import { busy, toast } from "./dialogs.js";
import { become, post } from "./http.js";
import { now, serverSays } from "./times.js";

const YEAR = 31_536_000;

export function frame(onPerson, onTime) {
  serverSays(document.documentElement.dataset.now);
  theme();
  actAs(onPerson);
  clock(onTime);
  addEventListener("click", shut);
}

// Menus and forms that hang open.
export const OPEN = "details.ask-here[open], details.more[open], details.more-actions[open]";

// They close when the reader turns to something else.
function shut(event) {
  for (const one of document.querySelectorAll(OPEN)) {
    if (!one.contains(event.target)) one.open = false;
  }
}

function theme() {
  const root = document.documentElement;
  document.getElementById("theme").addEventListener("submit", (event) => {
    event.preventDefault();
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
    document.cookie = `tocsin_theme=${root.dataset.theme}; path=/; max-age=${YEAR}; samesite=lax`;
  });
}

function actAs(onPerson) {
  const select = document.getElementById("act-as");
  select?.addEventListener("change", () =>
    busy(select, async () => {
      const answer = await post("/console/api/act-as", { user: select.value });
      become(select.value, answer.csrf);
      onPerson(select.value);
    }),
  );
}

function clock(onTime) {
  const face = document.getElementById("clock");
  if (!face) return;
  setInterval(() => (face.textContent = now().toISOString().slice(11, 19)), 250);
  const button = document.getElementById("advance");
  button.addEventListener("click", () =>
    busy(button, async () => {
      const answer = await post("/console/api/clock", { advance: button.dataset.advance });
      serverSays(answer.now);
      if (answer.settled === false) toast("Some of what fell due is still being done.");
      onTime();
    }),
  );
}
