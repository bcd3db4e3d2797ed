"""The terminal chat: what it prints, what its own commands send, and what it says when refused."""

import json
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2
import pytest

from bot.cli.chat import Chat
from bot.cli.chat_paper import Paper
from bot.cli.chat_wire import Wire
from domain.message import (
    Actions,
    Button,
    Form,
    Header,
    Input,
    Message,
    Node,
    Option,
    Select,
    sentence,
)
from integrations.chat.console.render import ConsoleMessage, payload

AT = datetime(2026, 11, 21, 2, 6, tzinfo=UTC)
ROOMS: list[dict[str, Any]] = [
    {"id": "incidents", "name": "incidents", "kind": "channel", "topic": "", "unread": 0},
    {"id": "web-alerts", "name": "web-alerts", "kind": "channel", "topic": "Triage", "unread": 2},
    {"id": "dm-bob", "name": "Bob", "kind": "direct", "topic": "", "unread": 0},
]
ACK = Actions(buttons=(Button(id="v1:incident.ack:INC-1", label="Ack"),))
DECLARE = Form(
    id="v1:incident.declare:",
    title="Declare an incident",
    submit="Declare",
    inputs=(
        Input(name="title", label="What is broken", required=True),
        Input(
            name="severity",
            label="Severity",
            value="SEV3",
            options=(Option(value="SEV2", label="SEV2"), Option(value="SEV3", label="SEV3")),
        ),
    ),
)


class Server:
    """Rooms with messages, and a record of what was asked; a stream that ends at once."""

    def __init__(self) -> None:
        self.messages: dict[str, list[dict[str, Any]]] = {room["id"]: [] for room in ROOMS}
        self.sent: list[tuple[str, str, dict[str, Any]]] = []
        self.refusal = ""

    def put(self, room: str, *nodes: Node, **more: Any) -> None:
        number = f"{sum(map(len, self.messages.values())) + 1:03}"
        kept: dict[str, Any] = {"id": number, "change": number, "author": "tocsin", "at": AT}
        message = Message(nodes=nodes)
        self.messages[room].append(
            payload(ConsoleMessage(room=room, message=message, **kept | more))
        )

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        path = request.url.path.removeprefix("/console/api/")
        if request.method == "GET":
            return self.get(path, request.url.params.get("since", ""))
        if self.refusal:
            return httpx2.Response(403, json={"detail": self.refusal})
        person = request.headers["authorization"].removeprefix("Bearer token-")
        self.sent.append((person, path, json.loads(request.content)))
        return httpx2.Response(200, json={"message": None})

    def get(self, path: str, since: str) -> httpx2.Response:
        if path == "rooms":
            return httpx2.Response(200, json={"items": ROOMS, "next": None})
        if not path.endswith("/messages"):
            return httpx2.Response(503)
        items = [one for one in self.messages[path.split("/")[1]] if one["change"] > since]
        return httpx2.Response(200, json={"items": items, "next": None})


@pytest.fixture
def server() -> Server:
    return Server()


Talk = Callable[..., Any]


@pytest.fixture
async def talk(server: Server) -> AsyncIterator[Talk]:
    """Type lines as bob; gives everything that was printed."""
    transport = httpx2.MockTransport(server)
    async with httpx2.AsyncClient(base_url="http://tocsin.test", transport=transport) as client:

        async def typed(*lines: str) -> list[str]:
            printed: list[str] = []
            tokens = {"bob": "token-bob", "carol": "token-carol"}
            chat = Chat(Wire(client, tokens, "bob"), Paper(printed.append))
            await chat.obey(_each(lines))
            return printed

        yield typed


async def _each(lines: tuple[str, ...]) -> AsyncIterator[str]:
    for line in lines:
        yield line


async def test_messages_are_printed_with_numbers_for_buttons(server, talk):
    """The twin's brackets become numbers that can be pressed."""
    server.put("incidents", Header(text="SEV2 trino · INC-1"), ACK)
    head, page = await talk()
    assert head.startswith("--- #incidents")
    assert page.splitlines()[1:] == ["  SEV2 trino · INC-1", "  [1] Ack"]


async def test_press_sends_the_button_behind_the_number(server, talk):
    """The number stands for message and button."""
    server.put("incidents", Header(text="INC-1"), ACK)
    await talk("/press 1")
    body = {"message": "001", "button": "v1:incident.ack:INC-1", "values": {}}
    assert server.sent == [("bob", "press", body)]


async def test_choices_are_numbered_too(server, talk):
    """An option of a select is pressed like a button, with its value."""
    options = (Option(value="web", label="Web"), Option(value="db", label="Databases"))
    server.put(
        "incidents", Select(id="v1:page.move:P1", name="team", label="Team", options=options)
    )
    printed = await talk("/press 2")
    assert "[1] Web  [2] Databases" in printed[-1]
    assert server.sent[0][2]["values"] == {"team": "db"}


async def test_words_are_said_into_the_room(server, talk):
    """Lines and Tocsin's own commands go there; the terminal's stay here."""
    await talk("hello", "/incident list", "/?", "/room web-alerts", "there")
    assert server.sent == [
        ("bob", "say", {"room": "incidents", "text": "hello"}),
        ("bob", "say", {"room": "incidents", "text": "/incident list"}),
        ("bob", "say", {"room": "web-alerts", "text": "there"}),
    ]


async def test_acting_as_somebody_else(server, talk):
    """The next words are theirs; without their token nothing changes."""
    printed = await talk("/as carol", "hello", "/as dave", "again")
    assert [person for person, *_ in server.sent] == ["carol", "carol"]
    assert "! There is no token for 'dave', only for bob, carol." in printed


async def test_form_is_filled_in_field_by_field(server, talk):
    """Each question in turn; an empty line keeps what stands in the field."""
    server.put("incidents", DECLARE, private_to="bob")
    printed = await talk("/fill", "search is down", "")
    assert "· only you" in printed[1]
    assert printed[2:4] == ["What is broken:", "Severity (SEV2 | SEV3) [SEV3]:"]
    values = {"title": "search is down", "severity": "SEV3"}
    body = {"form": "v1:incident.declare:", "values": values, "message": "001"}
    assert server.sent == [("bob", "submit", body)]


async def test_clock_takes_durations_as_people_type_them(server, talk):
    """``5m`` is what the API calls PT300S."""
    printed = await talk("/clock 5m", "/clock soon")
    assert server.sent == [("bob", "clock", {"advance": "PT300S"})]
    assert printed[-1] == "! Type how far, like /clock 5m."


async def test_direct_messages_reach_one_in_any_room(server, talk):
    """A page is printed wherever its person is looking."""
    server.put("dm-bob", *sentence("Old").nodes)
    server.put("dm-bob", Header(text="SEV1 down · INC-7"), ACK)
    printed = "\n".join(await talk())
    assert "(to dm-bob)" in printed
    assert "SEV1 down · INC-7" in printed
    assert "Old" not in printed


async def test_edits_are_printed_once(server, talk):
    """A card that changed is printed again, marked; one that did not is not."""
    server.put("incidents", *sentence("Investigating").nodes)
    again = server.messages["incidents"][0] | {"text": "Resolved", "change": "009"}
    server.messages["incidents"].append(again)
    printed = await talk("hello", "hello")
    assert ["Investigating" in "".join(printed), "Resolved" in "".join(printed)] == [True, True]
    assert sum("Resolved" in one for one in printed) == 1
    assert "· edited" in printed[-1]


async def test_refusals_are_told(server, talk):
    """What the server says no with stands there; the chat goes on."""
    server.refusal = "Ask a commander.\x1b[2J"
    printed = await talk("/incident merge INC-2", "/press 7", "/fill")
    assert printed[-3:] == [
        "! Ask a commander.␛[2J",
        "! Type /press and the number before a button, like /press 1.",
        "! There is no form to fill in.",
    ]


async def test_quit_leaves(server, talk):
    """Nothing after it is read."""
    await talk("/quit", "hello")
    assert server.sent == []
