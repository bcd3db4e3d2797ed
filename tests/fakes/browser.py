"""A headless Chromium with an empty profile that remembers everything it complained about."""

import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Page as AsyncPage
from playwright.async_api import async_playwright
from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome")
QUIET = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run")
PATIENCE_MS = 30_000
VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""


class BrowserMissing(Exception):
    """No Chromium is on the PATH."""


@dataclass
class Watched:
    """A context's pages: ``complaints`` holds errors, refused content and failed requests."""

    context: BrowserContext
    complaints: list[str] = field(default_factory=list)
    finished: list[Request] = field(default_factory=list)

    def open(self, url: str) -> Page:
        """A new page at ``url``, loaded."""
        page = self.context.new_page()
        page.on("console", lambda said: self._said(said.type, said.text))
        page.on("pageerror", lambda error: self.complaints.append(f"script: {error}"))
        page.on("response", lambda got: self._answered(got.status, got.url))
        page.on("requestfinished", self._finished)
        page.goto(url)
        return page

    def sizes(self) -> dict[str, int]:
        """The bytes of every body so far, as they travelled, by address."""
        return {one.url: one.sizes()["responseBodySize"] for one in self.finished}

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.complaints.append(f"console: {text}")

    def _finished(self, request: Request) -> None:
        self.finished.append(request)

    def _answered(self, status: int, url: str) -> None:
        if status >= 400:
            self.complaints.append(f"{status}: {url}")


@contextmanager
def chromium() -> Iterator[Browser]:
    """The browser. Raises `BrowserMissing`."""
    path = _program()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            yield browser
        finally:
            browser.close()


@asynccontextmanager
async def page_at(url: str) -> AsyncIterator[AsyncPage]:
    """One page of a browser of its own, for tests that serve in the same loop.

    Raises `BrowserMissing`.
    """
    path = _program()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        try:
            page = await browser.new_page(viewport={"width": 1400, "height": 1300})
            page.set_default_timeout(PATIENCE_MS)
            await page.goto(url)
            yield page
        finally:
            await browser.close()


@contextmanager
def watched(browser: Browser, **how: Any) -> Iterator[Watched]:
    """A context of its own: no cookies, no storage. ``how`` as for `Browser.new_context`."""
    context = browser.new_context(**{"viewport": {"width": 1280, "height": 900}, **how})
    context.set_default_timeout(PATIENCE_MS)
    context.add_init_script(VIOLATIONS)
    try:
        yield Watched(context)
    finally:
        context.close()


def _program() -> str:
    path = next(filter(None, map(shutil.which, NAMES)), None)
    if path is None:
        raise BrowserMissing(f"none of {', '.join(NAMES)} is on the PATH")
    return path
