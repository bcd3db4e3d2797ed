"""The dashboard and the chat in a real browser, over a demo started as `make demo` starts it."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bot.demo.scenarios import CLICKHOUSE, NGINX, TRINO
from tests.fakes.browser import PATIENCE_MS, BrowserMissing, Watched, chromium, watched
from tests.fakes.demo import Demo, running_demo
from tests.fakes.push_service import KEY, SUBJECT

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ADDRESSES = (
    "/",
    "/incidents",
    "/incidents/INC-12",
    "/alerts",
    "/oncall",
    "/oncall/data-platform",
    "/policies?target=trino",
    "/deployments",
    "/postmortems",
    "/runbooks",
    "/chat",
    "/admin/ai",
    "/me/push",
)
BUDGET = 100_000
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
UNFOLDED_WIDTH = """() => {
  document.querySelectorAll("details").forEach((one) => (one.open = true));
  return document.documentElement.scrollWidth;
}"""
TOLD = {
    "title": "SEV2 Trino fails · INC-42",
    "body": "You are on call.",
    "tag": "alarm",
    "page": True,
    "open": "/a/x",
    "answer": {"label": "Ack", "url": "/a/x"},
}
SHOWN = """async () => {
  const registered = await navigator.serviceWorker.getRegistration("/");
  const shown = await registered.getNotifications();
  return shown.length === 1 && shown.every((one) => %s);
}"""
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all tests here: each breaks something of its own."""
    home = tmp_path_factory.mktemp("demo")
    (home / ".env").write_text(f"VAPID_PRIVATE_KEY={KEY}\nVAPID_SUBJECT={SUBJECT}\n")
    with running_demo(home) as demo:
        yield demo


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium; every test has a profile of its own."""
    try:
        with chromium() as browser:
            yield browser
    except BrowserMissing as missing:
        if os.environ.get("CI"):
            pytest.fail(f"no Chromium: {missing}")
        pytest.skip(f"no Chromium: {missing}")


@pytest.fixture
def desk(browser: Browser) -> Iterator[Watched]:
    """A desktop browser; whatever it complains about fails the test: errors, refused content."""
    with watched(browser) as desk:
        yield desk
        assert desk.complaints == []


def test_an_alert_appears_rings_and_is_acknowledged(desk: Watched, demo: Demo) -> None:
    """Live on Now without a reload, on bob's phone, and his answer is seen everywhere."""
    now, chat = desk.open(demo.url), desk.open(f"{demo.url}/chat?phone=bob")
    now.evaluate("window.loadedOnce = true")
    demo.fire(TRINO[:5])
    card = now.locator("article.incident", has_text="queries fail on trino")
    expect(card).to_contain_text("Bob has not answered yet.")
    expect(chat.locator("#lock")).to_contain_text("queries fail on trino")
    expect(ringing(chat, "Bob")).to_be_visible()

    page = chat.locator("#direct .message", has_text="queries fail on trino")
    page.get_by_role("button", name="Ack", exact=True).click()
    expect(page).to_contain_text("Yours, Bob.")
    expect(ringing(chat, "Bob")).to_have_count(0)
    expect(card).to_contain_text("acknowledged")
    expect(card).not_to_contain_text("not answered")
    assert now.evaluate("window.loadedOnce")


def test_without_an_answer_the_next_is_paged(desk: Watched, demo: Demo, tmp_path: Path) -> None:
    """Five minutes on carol rings; it is resolved, and the postmortem shows its evidence."""
    chat = desk.open(f"{demo.url}/chat?phone=bob")
    demo.fire(CLICKHOUSE[1:])
    expect(chat.locator("#lock")).to_contain_text("inserts are refused")
    save(chat, tmp_path, "chat", whole=False)
    chat.locator("#advance").click()
    ringing(chat, "Carol").click()
    page = chat.locator("#direct .message", has_text="inserts are refused")
    page.get_by_role("button", name="Ack", exact=True).click()
    expect(page).to_contain_text("Yours, Carol.")

    board = desk.open(demo.url)
    save(board, tmp_path, "now")
    board.locator("article.incident").get_by_role("link", name="inserts are refused").click()
    expect(board.locator("#timeline")).to_contain_text("No answer; step 2 of 2")
    save(board, tmp_path, "incident")
    fill(board, "Resolve…", text="dropped old parts")
    expect(board.locator(".incident-head .state")).to_contain_text("resolved")
    board.locator("#answer").get_by_role("button", name="Close").click()
    expect(board.locator("#timeline")).to_contain_text("dropped old parts")

    board.locator("[aria-labelledby=after-title]").get_by_role("link", name="Postmortem").click()
    expect(board.locator("#resolution")).to_contain_text("dropped old parts")
    save(board, tmp_path, "postmortem")
    cited = board.locator(".claim sup a").first
    evidence = cited.get_attribute("href")
    cited.click()
    expect(board.locator(f"{evidence}:target")).to_be_in_viewport()


def test_the_keys_it_promises_work(desk: Watched, demo: Demo) -> None:
    """`?` lists keys; the list is the table that the keys are looked up in."""
    page = desk.open(demo.url)
    demo.fire([NGINX])
    expect(page.locator("article.incident", has_text="nginx")).to_be_visible()
    page.keyboard.press("?")
    expect(page.locator("#keys dd")).to_contain_text(["Run a command, open a page or an incident"])
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    expect(page.locator("[data-row][aria-current=true]")).to_have_count(1)
    page.keyboard.press("n")
    expect(page.locator("[aria-current=true] [name='values.text']")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    page.keyboard.type("/incident list all")
    page.keyboard.press("Enter")
    expect(page.locator("#answer")).to_contain_text("INC-12")
    page.keyboard.press("Escape")
    for key, address in (("i", "/incidents"), ("a", "/alerts"), ("o", "/oncall"), ("n", "/")):
        page.keyboard.press("g")
        page.keyboard.press(key)
        page.wait_for_url(demo.url + address)
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
    page.goto(f"{demo.url}/alerts")
    page.keyboard.press("/")
    expect(page.locator("[data-search]")).to_be_focused()


def test_acting_as_somebody_else_changes_what_is_offered(desk: Watched, demo: Demo) -> None:
    """The viewer reads the same page without the commander's buttons."""
    page = desk.open(f"{demo.url}/incidents/INC-12")
    expect(page.locator("summary", has_text="Reopen…")).to_be_visible()
    page.locator("#act-as").select_option("dave")
    expect(page.locator("#act-as")).to_have_value("dave")
    expect(page.locator("summary", has_text="Reopen…")).to_have_count(0)


def test_without_script_everything_works(browser: Browser, demo: Demo) -> None:
    """A form of a page is filled in, answered with a page, and leads back."""
    with watched(browser, java_script_enabled=False) as plain:
        page = plain.open(f"{demo.url}/incidents/INC-12")
        fill(page, "Note…", text="written without script")
        expect(page.locator("h1")).to_have_text("Answer")
        page.get_by_role("link", name="Back").click()
        expect(page.locator("#timeline")).to_contain_text("written without script")
        page.get_by_role("button", name="Light or dark").click()
        expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_every_page_fits_a_phone(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    """360 px wide: nothing hangs over, whatever is unfolded, and the menu is in reach."""
    size = {"width": 360, "height": 740}
    with watched(browser, viewport=size, has_touch=True, is_mobile=True) as hand:
        for address in ADDRESSES:
            page = hand.open(demo.url + address)
            expect(page.locator("nav[aria-label=Pages]")).to_be_in_viewport()
            save(page, tmp_path, f"phone{address.replace('/', '-')}", whole=address != "/chat")
            assert (address, page.evaluate(UNFOLDED_WIDTH)) == (address, 360)
            page.close()
        assert hand.complaints == []


@pytest.mark.parametrize("address", ["/", "/chat"])
def test_the_first_load_is_light(browser: Browser, demo: Demo, address: str) -> None:
    """All that is fetched, as it travels, is at most 100 kB, and comes from here."""
    with watched(browser) as fresh:
        page = fresh.open(demo.url + address)
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        sizes = fresh.sizes()
    assert all(url.startswith(demo.url) for url in sizes)
    assert any(url.endswith(".js") for url in sizes)
    assert sum(sizes.values()) <= BUDGET, sizes


def test_a_browser_asks_to_be_rung_and_shows_what_it_is_told(browser: Browser, demo: Demo) -> None:
    """Its worker is let in by the strict policy, shows a page once and anew, and leads to where it
    is answered. The browser's own push service is not here: what it would bring is handed over."""
    with watched(browser, permissions=["notifications"]) as desk:
        page = desk.open(f"{demo.url}/me/push")
        page.get_by_role("button", name="Ring this browser").click()
        expect(page.locator("#push-said")).to_contain_text("This browser was not let to be rung")
        desk.complaints[:] = [one for one in desk.complaints if "incognito" not in one]
        worker = page.evaluate("navigator.serviceWorker.ready.then((one) => one.active.scriptURL)")
        assert worker == f"{demo.url}/static/push-worker.js"
        rung = Rung(page, demo.url)
        rung.push({**TOLD, "key": "1"}, "one.title === 'SEV2 Trino fails · INC-42' && one.renotify")
        rung.push({**TOLD, "key": "2"}, "one.data.key === '2' && one.renotify")
        rung.push({**TOLD, "key": "2"}, "!one.renotify && one.actions[0].title === 'Ack'")
        assert desk.complaints == []


class Rung:
    """A browser behind its push service: what that would bring, and what it shows of it."""

    def __init__(self, page: Page, origin: str) -> None:
        self.page, self.origin = page, origin
        self.session = page.context.new_cdp_session(page)
        self.workers: list[str] = []
        self.session.on("ServiceWorker.workerRegistrationUpdated", self._registered)
        self.session.send("ServiceWorker.enable")
        page.wait_for_function("navigator.serviceWorker.ready.then(() => true)")

    def _registered(self, told: dict[str, Any]) -> None:
        self.workers = [one["registrationId"] for one in told["registrations"]]

    def push(self, told: dict[str, Any], shows: str) -> None:
        """Hand a message over, and wait until the one notification on the screen is like this."""
        sent = {"origin": self.origin, "registrationId": self.workers[-1], "data": json.dumps(told)}
        self.session.send("ServiceWorker.deliverPushMessage", sent)
        self.page.wait_for_function(SHOWN % shows)


def test_safe_mode_shows_on_open_pages(desk: Watched, demo: Demo, tmp_path: Path) -> None:
    """In the chat and on Now, without a reload. The last story: nobody turns it off again."""
    board, chat = desk.open(demo.url), desk.open(f"{demo.url}/chat?room=incidents")
    for page in (board, chat):
        expect(page.locator("#live")).to_have_attribute("data-state", "live")
        page.evaluate("window.loadedOnce = true")
    chat.locator("#say").fill("/safe-mode on why:the network is being moved")
    chat.locator("#composer button.primary").click()
    for page in (board, chat):
        expect(page.locator("#banner")).to_contain_text("by Alice: the network is being moved")
        assert page.evaluate("window.loadedOnce")
    save(chat, tmp_path, "safe-mode", whole=False)


def ringing(chat: Page, name: str) -> Locator:
    """The tab of somebody's phone while it rings."""
    return chat.get_by_role("tab", name=re.compile(f"{name}.*being paged"))


def fill(page: Page, label: str, **values: str) -> None:
    """Open a button's fields, fill them in and send them."""
    page.locator("summary", has_text=label).first.click()
    form = page.locator("details.ask-here[open] form")
    for name, value in values.items():
        form.locator(f"[name='values.{name}']").fill(value)
    form.locator("button").click()


def save(page: Page, folder: Path, name: str, *, whole: bool = True) -> None:
    """Pictures of the page by day and by night."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=whole)
    page.emulate_media(color_scheme="light")
