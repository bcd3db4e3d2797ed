"""A real stand-in for Slack on loopback: its Web API, Socket Mode, signed HTTP and web page.

`people` act in it through its control API; everything that Tocsin says and hears goes through
the same requests as with Slack itself. It listens on every address of this machine, and ends with
the block.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import httpx2
import yaml

from tests.fakes.child import Account, Child, free_port

BINARY = Path(__file__).parents[1] / "peers/node_modules/local-slack-linux-x64/bin/local-slack"
BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-test-token", "xapp-test-token", "test-signing-secret"
TEAM, BOT = "T01TEST", "U0BOT"
GENERAL, INCIDENTS, ALERTS = "C01GENERAL", "C02INCIDENTS", "C03ALERTS"
PEOPLE = ("alice", "bob", "carol", "dave")
PATIENCE_S = 20.0

Said = dict[str, Any]


class LocalSlackMissing(Exception):
    """The program is not installed: it comes with `make dev` where npm is found."""


def account_of(person: str) -> str:
    """The id of somebody's account."""
    return f"U0{person.upper()}"


@dataclass
class LocalSlack:
    """A running workspace, and what its people do; ``refused`` is what stood beneath the fields
    of the last form that was sent."""

    port: int
    client: httpx2.AsyncClient = field(repr=False)
    refused: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Its page."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def api_url(self) -> str:
        """The address of its Web API."""
        return f"{self.url}/api"

    # --- what people do

    async def command(self, person: str, line: str, channel: str = GENERAL) -> None:
        """Type a slash command."""
        command, _, text = line.partition(" ")
        told = {"channel": channel, "user": account_of(person), "command": command, "text": text}
        await self._control("command", told)

    async def say(
        self, person: str, text: str, channel: str = GENERAL, thread: str | None = None
    ) -> Said:
        """Write a message; ``channel`` may be a person's direct room with Tocsin."""
        told = {"channel": channel, "user": account_of(person), "text": text}
        answer = await self._control("message", told | ({"thread_ts": thread} if thread else {}))
        said: Said = answer["message"]
        return said

    async def press(self, person: str, on: Said, label: str) -> None:
        """Press a button of a message, or pick from its menus, by the beginning of its label."""
        action = find_action(on, label)
        assert action, f"no {label!r} on {labels(on)}"
        told = {
            "channel": on["channel"],
            "messageTs": on["ts"],
            "user": account_of(person),
            "action": action,
        }
        await self._control("interact", told)

    async def react(self, person: str, on: Said, emoji: str) -> None:
        """React to a message."""
        told = {"channel": on["channel"], "ts": on["ts"], "user": account_of(person)}
        await self._control("reaction", told | {"name": emoji})

    async def open_home(self, person: str) -> None:
        """Look at Tocsin's page in Slack."""
        await self._control("open-home", {"user": account_of(person)})

    async def submit(self, by: str, /, **values: str) -> None:
        """Fill in the form that is open; what stands in other fields stays."""
        view = await self.view()
        filled = {
            block["block_id"]: {block["element"]["action_id"]: _filled(block, values)}
            for block in view["blocks"]
            if block["type"] == "input"
        }
        await self._ui({"t": "view_submit", "user": account_of(by), "values": filled})

    # --- what people see

    async def messages(self, channel: str) -> list[Said]:
        """Everything in a channel, oldest first, what only one person sees among it."""
        answer = await self.client.get(f"/_control/messages/{channel}")
        found: list[Said] = answer.json()["messages"]
        return found

    async def direct(self, person: str) -> list[Said]:
        """What stands in somebody's direct room with Tocsin."""
        rooms = [
            one["id"]
            for one in (await self.state())["channels"]
            if one["is_im"] and {BOT, account_of(person)} == set(one["members"])
        ]
        return await self.messages(rooms[0]) if rooms else []

    async def room(self, name: str) -> list[Said]:
        """What stands in the channel of that name."""
        rooms = [one["id"] for one in (await self.state())["channels"] if one["name"] == name]
        return await self.messages(rooms[-1]) if rooms else []

    async def state(self) -> dict[str, Any]:
        """Workspace, people and channels."""
        found: dict[str, Any] = (await self.client.get("/_control/state")).json()
        return found

    async def view(self) -> dict[str, Any]:
        """The form that is open."""
        snapshot = await self._snapshot()
        assert snapshot["modalStack"], "no form is open"
        found: dict[str, Any] = snapshot["modalStack"][-1]
        return found

    async def views(self) -> int:
        """How many forms are open."""
        return len((await self._snapshot())["modalStack"])

    async def home(self, person: str) -> dict[str, Any]:
        """Tocsin's page as somebody sees it."""
        views = (await self._snapshot())["homeViews"].get(account_of(person), {})
        return next(iter(views.values()), {})

    async def calls(self, method: str) -> list[dict[str, Any]]:
        """The arguments of every call of a method, oldest first."""
        found = (await self.client.get("/_control/log")).json()["log"]
        asked = (one for one in found if one["kind"] == "web_api" and one["summary"] == method)
        return [one["detail"] for one in asked if one["direction"] == "from_bot"]

    async def until(self, look: Any) -> Any:
        """What ``look`` finds, as soon as it finds anything."""
        async with asyncio.timeout(PATIENCE_S):
            while not (found := await look()):  # noqa: ASYNC110 - another process does it
                await asyncio.sleep(0.02)
        return found

    async def _control(self, what: str, told: dict[str, Any]) -> dict[str, Any]:
        answer = await self.client.post(f"/_control/{what}", json=told)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def _snapshot(self) -> dict[str, Any]:
        async with aiohttp.ClientSession() as session, session.ws_connect(self._socket) as socket:
            found: dict[str, Any] = (await socket.receive_json())["state"]
            return found

    async def _ui(self, told: dict[str, Any]) -> None:
        async with aiohttp.ClientSession() as session, session.ws_connect(self._socket) as socket:
            await socket.receive_json()
            await socket.send_json(told)
            await self._heard(socket)

    async def _heard(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """Wait until the page is told what became of it."""
        async with asyncio.timeout(PATIENCE_S):
            told: dict[str, Any] = {"t": ""}
            while told["t"] not in ("view", "view_errors"):
                told = await socket.receive_json()
        self.refused = told.get("errors", {})

    @property
    def _socket(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ui"


def find_action(on: Said, label: str) -> dict[str, Any] | None:
    """The element of a message, or the option of a menu, whose label begins so."""
    for block in on.get("blocks", ()):
        for element in block.get("elements", ()):
            made = {"type": element["type"], "action_id": element.get("action_id", "")}
            if element["type"] == "button" and _label(element).startswith(label):
                return made | {"value": element.get("value"), "block_id": block.get("block_id")}
            for one in element.get("options", ()):
                if _label(one).startswith(label):
                    return made | {"selected_option": one}
    return None


def labels(on: Said) -> list[str]:
    """What can be pressed on a message."""
    found = []
    for block in on.get("blocks", ()):
        for element in block.get("elements", ()):
            found += [_label(element)] if element["type"] == "button" else []
            found += [_label(one) for one in element.get("options", ())]
    return found


def _label(element: dict[str, Any]) -> str:
    return str(element["text"]["text"])


def _filled(block: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    element, value = block["element"], values.get(block["block_id"])
    kind = element["type"]
    if kind == "plain_text_input":
        given = value if value is not None else element.get("initial_value")
        return {"type": kind, "value": given}
    if kind == "checkboxes":
        ticked = value == "true"
        return {"type": kind, "selected_options": element["options"] if ticked else []}
    chosen = [one for one in element.get("options", ()) if one["value"] == value]
    fallback = element.get("initial_option") if value is None else None
    return {"type": kind, "selected_option": chosen[0] if chosen else fallback}


@contextmanager
def local_slack(
    folder: Path, request_url: str | None = None, port: int | None = None
) -> Iterator[LocalSlack]:
    """A workspace with the demo's people; ``request_url`` makes it send signed requests there
    instead of over sockets. Raises `LocalSlackMissing`."""
    if not BINARY.exists():
        raise LocalSlackMissing(f"{BINARY.name} is not installed: make dev")
    port = port or free_port()
    config = folder / "slack.yaml"
    config.write_text(yaml.safe_dump(_config(request_url)))
    argv = [str(BINARY), "--config", str(config), "--port", str(port), "--base-host", "127.0.0.1"]
    child = Child(argv, folder / "slack.log", "TERM", Account())
    url = f"http://127.0.0.1:{port}"
    try:
        child.wait_until(lambda: _answers(url))
        yield LocalSlack(port, httpx2.AsyncClient(base_url=url, timeout=PATIENCE_S))
    finally:
        child.stop()


def _answers(url: str) -> bool:
    try:
        return httpx2.get(f"{url}/_control/state").status_code == 200
    except httpx2.HTTPError:
        return False


def _config(request_url: str | None) -> dict[str, Any]:
    app = {"appId": "A01APP", "botUserId": BOT, "botName": "tocsin", "mode": "socket"}
    if request_url:
        app |= {"mode": "events", "requestUrl": request_url}
    users = [
        {
            "id": account_of(one),
            "name": one,
            "real_name": one.title(),
            "email": f"{one}@example.com",
        }
        for one in PEOPLE
    ]
    named = {GENERAL: "general", INCIDENTS: "incidents", ALERTS: "alerts-data-platform"}
    rooms = [
        {"id": key, "name": name, "members": [BOT, *map(account_of, PEOPLE)]}
        for key, name in named.items()
    ]
    return {"workspace": {"teamId": TEAM}, "apps": [app], "users": users, "channels": rooms}
