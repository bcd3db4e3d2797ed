"""What the demo does once it runs: it tells of itself, and plays."""

import asyncio
import json
import webbrowser
from pathlib import Path

import pytest

from bot.cli.client import Reached
from bot.cli.demo import Show, banner, open_window, write_private
from bot.demo.seed import enter
from bot.lifecycle import run
from bot.site import listeners
from bot.starting import DEMO, migrate
from bot.wiring import build, offset_clock, system_ids
from tests.fakes.child import free_port
from tests.fakes.tocsin import settings

PATIENCE_S = 60.0


async def test_a_scenario_is_played_through_the_demos_own_door(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was asked for at the start happens once everything runs."""
    told = settings(f"sqlite:///{tmp_path / 'tocsin.db'}", tmp_path, port=str(free_port()))
    migrate(told)
    clock, file, ready = offset_clock(), tmp_path / "demo.json", asyncio.Event()
    show = Show(file, "disk-full", browser=False)
    async with build(told, clock, system_ids(clock), demo=True) as parts:
        seeded = await enter(parts.store)

        async def begin() -> None:
            await show.begin(parts, seeded)
            ready.set()

        async with asyncio.timeout(PATIENCE_S):
            running = asyncio.create_task(run(parts, DEMO, listeners(parts), begin))
            await ready.wait()
            await asyncio.gather(*show.playing)
            async with parts.store.read() as unit:
                incident = await unit.incidents.need("INC-13")
            parts.stop.set()
            await running
    assert incident.service == "clickhouse"
    assert json.loads(file.read_text())["hooks_token"] == seeded.hooks_token
    assert "Playing disk-full" in capsys.readouterr().out


async def test_a_demo_that_goes_away_while_it_plays_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A sentence, no traceback."""
    show = Show(tmp_path / "demo.json", None, browser=False)
    show._play(Reached("http://127.0.0.1:9", {"alice": "t"}, None, "h"), "disk-full")
    await asyncio.gather(*show.playing)
    assert "not played to its end: ConnectError" in capsys.readouterr().out


def test_the_banner_says_where_to_look_and_what_is_off(tmp_path: Path) -> None:
    """Files, addresses, people, and that no model is needed."""
    without = "\n".join(banner(settings("sqlite:///x.db", tmp_path), "http://h/chat"))
    assert "http://h/chat" in without
    assert "off (no ANTHROPIC_API_KEY)" in without
    told = settings("postgresql://h/d", tmp_path, anthropic_api_key="sk-canary")
    with_model = "\n".join(banner(told, "http://h/chat"))
    assert "PostgreSQL" in with_model
    assert "claude" in with_model
    assert "canary" not in with_model


def test_a_file_for_its_owner_alone_is_replaced_whole(tmp_path: Path) -> None:
    """Whoever reads it finds the old or the new, and the mode is right from the start."""
    file = tmp_path / "demo.json"
    write_private(file, "one")
    write_private(file, "two")
    assert (file.read_text(), file.stat().st_mode & 0o777) == ("two", 0o600)
    assert [one.name for one in tmp_path.iterdir()] == ["demo.json"]


class Window(webbrowser.BaseBrowser):
    """A browser with a window of its own."""

    opened: list[str] = []

    def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
        self.opened.append(url)
        return True


def test_a_browser_is_opened_only_where_it_has_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """One in the terminal would take the demo's place."""
    found = [Window(), webbrowser.GenericBrowser("lynx")]
    monkeypatch.setattr(webbrowser, "get", found.pop)
    open_window("http://terminal")
    open_window("http://window")
    assert Window.opened == ["http://window"]


def test_no_browser_at_all_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server has none."""

    def none() -> webbrowser.BaseBrowser:
        raise webbrowser.Error("none")

    monkeypatch.setattr(webbrowser, "get", none)
    open_window("http://h")
