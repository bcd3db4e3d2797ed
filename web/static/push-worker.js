// Shows a page as a notification, and opens where it is answered. Nothing is kept here.
self.addEventListener("push", (event) => event.waitUntil(show(event.data)));
self.addEventListener("notificationclick", (event) => event.waitUntil(open(event)));

const UNREAD = { title: "Tocsin", body: "Open Tocsin to read it.", tag: "", key: "" };

function read(data) {
  try {
    return { ...UNREAD, ...data.json() };
  } catch {
    return UNREAD;
  }
}

// A repeat of the same ring takes its place without a sound; the next ring of a page sounds anew.
async function show(data) {
  const told = read(data);
  const before = told.tag ? await self.registration.getNotifications({ tag: told.tag }) : [];
  await self.registration.showNotification(told.title, {
    body: told.body,
    tag: told.tag,
    renotify: Boolean(told.tag) && !before.some((one) => one.data.key === told.key),
    requireInteraction: Boolean(told.page),
    icon: "/static/favicon.svg",
    data: told,
    actions: told.answer ? [{ action: "answer", title: told.answer.label }] : [],
  });
}

async function open(event) {
  const told = event.notification.data;
  event.notification.close();
  const url = event.action === "answer" && told.answer ? told.answer.url : told.open;
  await self.clients.openWindow(url ?? "/");
}
