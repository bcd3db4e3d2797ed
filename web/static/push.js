// The page on which a browser asks to be rung, or to be left alone.
const WORKER = "/static/push-worker.js";
const form = document.getElementById("ring-here");
const said = document.getElementById("push-said");
const STOP = 'form:has([value^="v1:me.contact-remove:"])';

const able = "serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis;
if (!able) say("This browser cannot be rung. On an iPhone, add Tocsin to the Home Screen and open it there.");
else if (form) await begin();

async function begin() {
  form.addEventListener("submit", ring);
  addEventListener("submit", stop, { capture: true });
  const row = await mine();
  if (row) say(`This browser is rung already (${row.cells[0].textContent.trim()}).`);
}

async function current() {
  const registered = await navigator.serviceWorker.getRegistration("/");
  return (await registered?.pushManager.getSubscription()) ?? null;
}

// The row of this browser, where it is rung.
async function mine() {
  const subscribed = await current();
  if (!subscribed) return null;
  const digest = await digestOf(addressOf(subscribed));
  return document.querySelector(`[data-subscription="${digest}"]`);
}

// The subscription goes into the form's own field, and only then is the form posted.
async function ring(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
  try {
    form.elements["values.address"].value = await subscribe();
    form.submit();
  } catch (error) {
    say(`This browser was not let to be rung: ${error.message}`);
  }
}

// A subscription that stands already may be for another key, or another person.
async function subscribe() {
  if ((await Notification.requestPermission()) !== "granted") throw new Error("notifications are not allowed for this site.");
  await navigator.serviceWorker.register(WORKER, { scope: "/" });
  const { pushManager } = await navigator.serviceWorker.ready;
  await (await pushManager.getSubscription())?.unsubscribe();
  const made = await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: form.dataset.key });
  return addressOf(made);
}

async function stop(event) {
  if (!event.target.matches(STOP)) return;
  const row = await mine();
  if (row?.contains(event.target)) await (await current())?.unsubscribe();
}

function addressOf(subscription) {
  const { endpoint, keys } = subscription.toJSON();
  return `${endpoint}#${keys.p256dh}.${keys.auth}`;
}

async function digestOf(text) {
  const made = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(made), (one) => one.toString(16).padStart(2, "0")).join("");
}

function say(text) {
  said.textContent = text;
}
