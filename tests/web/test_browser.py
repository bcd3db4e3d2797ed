"""The dashboard and the chat in a real browser, over a demo started as `make demo` starts it."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.demo.scenarios import CLICKHOUSE, TRINO
from tests.fakes.browser import PATIENCE_MS, BrowserMissing, Watched, chromium, watched
from tests.fakes.demo import Demo, running_demo

pytestmark = [pytest.mark.browser, pytest.mark.timeout(300)]

ADDRESSES = ("/", "/incidents", "/incidents/INC-12", "/alerts", "/oncall", "/postmortems", "/chat")
BUDGET = 100_000
SCHEMES = ("light", "dark")
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One demo for all tests here: each breaks something of its own."""
    with running_demo(tmp_path_factory.mktemp("demo")) as demo:
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
    """A desktop browser; whatever it complains about fails the test."""
    with watched(browser) as desk:
        yield desk
        assert desk.complaints == []


def test_an_alert_appears_and_rings_and_is_acknowledged(desk: Watched, demo: Demo) -> None:
    """Live on Now without a reload, on bob's phone, and his answer is seen everywhere."""
    now, chat = desk.open(demo.url), desk.open(f"{demo.url}/chat?phone=bob")
    now.evaluate("window.loadedOnce = true")
    demo.fire(TRINO[:5])
    card = now.locator("article.incident", has_text="trino")
    expect(card).to_contain_text("Bob has not answered yet.")
    expect(chat.locator("#lock")).to_contain_text("trino")
    expect(chat.get_by_role("tab", name="Bob, being paged")).to_be_visible()

    phone(chat).get_by_role("button", name="Ack", exact=True).click()
    expect(phone(chat)).to_contain_text("Yours, Bob.")
    expect(chat.get_by_role("tab", name="Bob, being paged")).to_have_count(0)
    expect(card).to_contain_text("acknowledged")
    expect(card).not_to_contain_text("not answered")
    assert now.evaluate("window.loadedOnce")


def test_without_an_answer_the_next_is_paged(desk: Watched, demo: Demo, tmp_path: Path) -> None:
    """Five minutes on carol rings; she leads, resolves, and the postmortem shows its evidence."""
    chat = desk.open(f"{demo.url}/chat?phone=bob")
    demo.fire(CLICKHOUSE[1:])
    expect(chat.locator("#lock")).to_contain_text("inserts are refused")
    chat.locator("#advance").click()
    chat.get_by_role("tab", name="Carol, being paged").click()
    page = phone(chat).locator(".message", has_text="inserts are refused")
    page.get_by_role("button", name="Ack", exact=True).click()
    expect(page).to_contain_text("Yours, Carol.")

    now = desk.open(demo.url)
    now.get_by_role("link", name="The data disk is 97 % full, inserts are refused").first.click()
    incident = now.url
    expect(now.locator("#timeline")).to_contain_text("No answer; step 2 of 2")
    press(now, "Resolve…", text="dropped old parts")
    expect(now.locator(".incident-head .state")).to_contain_text("resolved")
    now.get_by_role("link", name="Postmortem").last.click()
    now.wait_for_url(f"{incident}/postmortem")
    follow_evidence(now)
    save(now, tmp_path, "postmortem")


def test_every_page_fits_a_phone(browser: Browser, demo: Demo, tmp_path: Path) -> None:
    """360 px wide: nothing hangs over, and a thumb finds the menu."""
    phone = {"width": 360, "height": 740}
    with watched(browser, viewport=phone, has_touch=True, is_mobile=True) as hand:
        for address in ADDRESSES:
            page = hand.open(demo.url + address)
            expect(page.locator("nav[aria-label=Pages]")).to_be_visible()
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert (address, wide) == (address, 360)
            save(page, tmp_path, "phone" + address.replace("/", "-"))
            page.close()
        assert hand.complaints == []


def test_the_first_load_is_light(browser: Browser, demo: Demo) -> None:
    """All that `/` and `/chat` fetch, compressed as it travels, is at most 100 kB."""
    for address in ("/", "/chat"):
        with watched(browser) as fresh:
            page = fresh.open(demo.url + address)
            expect(page.locator("#live")).to_have_attribute("data-state", "live")
            page.wait_for_load_state("networkidle") if address == "/" else None
            sizes = fresh.sizes()
            print(address, sum(sizes.values()), sizes)
            assert sum(sizes.values()) <= BUDGET, sizes
            assert all(url.startswith(demo.url) for url in sizes)


def phone(chat: Page):
    return chat.locator("#phone #direct")


def press(page: Page, label: str, **values: str) -> None:
    """Open a button's fields, fill them in and send them."""
    page.locator("summary", has_text=label).first.click()
    form = page.locator("details[open] form")
    for name, value in values.items():
        form.locator(f"[name='values.{name}']").fill(value)
    form.locator("button").click()


def follow_evidence(page: Page) -> None:
    """The first citation leads to an entry of the timeline on the same page."""
    cited = page.locator(".claim sup a").first
    target = cited.get_attribute("href")
    cited.click()
    expect(page.locator(f"{target}:target")).to_be_visible()


def save(page: Page, folder: Path, name: str) -> None:
    """Pictures of the page by day and by night."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        page.screenshot(path=folder / f"{name}-{scheme}.png", full_page=True)
