"""Slack's part: how soon a slash command and a press are acknowledged, over signed HTTP.

The same signed requests go to a bare Bolt app. Slack's Web API is a stand-in of our own, so nothing
needs to be installed for it.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlencode

from bot.bench.load import Measured, Ready, Target, send
from bot.bench.runs import FEW, PATIENCE_S, Figure, alert, client, hooks, latencies, quiet
from bot.bench.servers import Server, beside, tocsin
from bot.bench.slack_api import INCIDENTS, SECRET, TEAM, TOKEN, account_of
from bot.wiring import system_clock

PATH = "/slack/events"
FORM = "application/x-www-form-urlencoded"
OK = 200
LONGEST_S = 1.0
CLOCK = system_clock()


async def acknowledgements(folder: Path, *, commands: int, presses: int) -> list[Figure]:
    """Commands one after the other, then presses at once, each on a button of its own incident."""
    ours = folder / "slack"
    ours.mkdir()
    async with beside("slack_api") as api:
        address = f"http://127.0.0.1:{api.port}/api"
        told = {
            "SLACK_BOT_TOKEN": TOKEN, "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": address,
        }  # fmt: skip
        async with (
            tocsin(ours, told) as server,
            beside("bolt", str(folder / "bolt.db"), address) as bare,
        ):
            return [
                *await _commands(server, bare, address, commands),
                *await _presses(server, address, presses),
            ]


async def _commands(server: Server, bare: Server, api: str, count: int) -> list[Figure]:
    """``/incident note``: both sides keep the words before they answer."""
    ours = await send(_events(server), _notes(api, count), connections=1, seconds=PATIENCE_S)
    least = await send(_events(bare), _notes(api, count), connections=1, seconds=PATIENCE_S)
    return [*latencies("slash command acknowledged", ours, least), _refused(ours, least)]


async def _presses(server: Server, api: str, count: int) -> list[Figure]:
    """Everybody presses Ack at the same moment."""
    bodies = (_press(api, one) for one in await _opened(server, count))
    done = await send(_events(server), bodies, connections=count, seconds=PATIENCE_S)
    late = sum(one > LONGEST_S for one in done.latencies)
    return [
        Figure(f"{count} presses at once, 99 % within", done.percentile(0.99), "ms"),
        Figure("… acknowledged after over 1 s", late, "presses"),
        _refused(done),
    ]


async def _opened(server: Server, count: int) -> list[str]:
    """The ids of so many incidents that were opened just now."""
    started = CLOCK.now()
    bodies = (alert(f"Press{n}", f"press-{n}", "critical", started) for n in range(count))
    await send(hooks(server), bodies, connections=FEW, seconds=PATIENCE_S)
    await quiet(server)
    async with client(server, server.token("alice")) as alice:
        listed = await alice.get("/api/v1/incidents", params={"limit": count})
    return [str(one["id"]) for one in listed.json()["items"]]


def _events(server: Server) -> Target:
    return Target(server.port, PATH)


def _notes(api: str, count: int) -> Iterator[Ready]:
    for number in range(count):
        yield _signed(
            {
                "command": "/incident",
                "text": f"note INC-1 measured {number}",
                "user_id": account_of("alice"),
                "channel_id": INCIDENTS,
                "team_id": TEAM,
                "trigger_id": f"1.2.{number}",
                "response_url": f"{api}/respond",
            }
        )


def _press(api: str, incident: str) -> Ready:
    """Bob's, on the card among all incidents."""
    ack = {"type": "button", "action_id": f"v1:incident.ack:{incident}", "block_id": "b"}
    pressed = {
        "type": "block_actions",
        "user": {"id": account_of("bob")},
        "team": {"id": TEAM},
        "trigger_id": f"press.{incident}",
        "response_url": f"{api}/respond",
        "channel": {"id": INCIDENTS},
        "actions": [ack],
    }
    return _signed({"payload": json.dumps(pressed)})


def _signed(fields: Mapping[str, str]) -> Ready:
    """A request as Slack signs it."""
    payload, stamp = urlencode(fields).encode(), str(int(CLOCK.now().timestamp()))
    digest = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + payload, hashlib.sha256)
    headers = {
        "Content-Type": FORM,
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={digest.hexdigest()}",
    }
    return Ready(payload, headers)


def _refused(*measured: Measured) -> Figure:
    refused = sum(n for one in measured for status, n in one.statuses.items() if status != OK)
    return Figure("… not acknowledged", refused, "requests")
