"""The Bot Framework on loopback: it takes messages, knows a team, and signs what it sends.

async with bot_framework() as teams:
    ... Connector(keep, tokens, teams.url)
    request = teams.says("29:bob", "help")          # an activity, and its signed headers
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.fakes.served import served

APP, TENANT, TEAM = "tocsin-app", "tenant-1", "19:team@thread.tacv2"
BOT = {"id": f"28:{APP}", "name": "Tocsin"}
MENTION = "<at>Tocsin</at>"
ISSUER = "https://api.botframework.com"
INCIDENTS, PRIVATE = "19:incidents@thread.tacv2", "19:private@thread.tacv2"
CHANNELS = (
    {"id": TEAM},
    {"id": INCIDENTS, "name": "incidents", "type": "standard"},
    {"id": "19:alerts@thread.tacv2", "name": "alerts-data-platform", "type": "standard"},
    {"id": PRIVATE, "name": "war-room", "type": "private"},
    {"id": "19:partners@thread.tacv2", "name": "partners", "type": "shared"},
)
PERSON = re.compile("^(29:|aad-)")
Json = dict[str, Any]


@cache
def key(name: str) -> RSAPrivateKey:
    """A signing key, made once for all tests: making one takes a while."""
    del name
    return generate_private_key(public_exponent=65537, key_size=2048)


@dataclass(frozen=True)
class Said:
    """A message that arrived; ``edits`` counts how often it was replaced."""

    conversation: str
    activity: Json
    edits: int = 0

    @property
    def card(self) -> Json:
        """The card in it."""
        card: Json = self.activity["attachments"][0]["content"]
        return card

    @property
    def summary(self) -> str:
        """Its words for lock screens."""
        return str(self.activity["summary"])


@dataclass
class BotFramework:
    """``answers`` are given to the next requests instead of what they ask for; whoever stands in
    ``unreachable`` has not added the app. Conversations that are ``gone`` take nothing more;
    while it is ``silent`` it answers nobody."""

    url: str = ""
    said: dict[str, Said] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    answers: deque[Response] = field(default_factory=deque)
    unreachable: set[str] = field(default_factory=set)
    guests: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    silent: bool = False
    released: asyncio.Event = field(default_factory=asyncio.Event)
    published: tuple[str, ...] = ("k1",)
    endorsed: tuple[str, ...] = ("msteams",)
    seen: list[str] = field(default_factory=list)
    numbers: Any = field(default_factory=lambda: count(1))

    # --- what it sends

    def activity(self, person: str, kind: str = "message", **more: Any) -> Json:
        """Something that ``person`` does in their chat with Tocsin alone."""
        return {
            "type": kind,
            "id": f"act-{next(self.numbers)}",
            "channelId": "msteams",
            "serviceUrl": self.url,
            "from": {"id": f"29:{person}", "name": person.title(), "aadObjectId": f"aad-{person}"},
            "recipient": BOT,
            "conversation": {
                "id": f"a:{person}", "conversationType": "personal", "tenantId": TENANT,
            },
            "channelData": {"tenant": {"id": TENANT}},
            **more,
        }  # fmt: skip

    def in_channel(self, person: str, text: str, post: str = "100", **more: Any) -> Json:
        """A mention in a post of the channel of incidents."""
        mention = {"type": "mention", "text": MENTION, "mentioned": BOT}
        return self.activity(person) | {
            "text": f"{MENTION} {text}",
            "entities": [mention],
            "conversation": {
                "id": f"{INCIDENTS};messageid={post}", "conversationType": "channel",
                "tenantId": TENANT,
            },
            "channelData": {"tenant": {"id": TENANT}, "team": {"id": TEAM}},
            **more,
        }  # fmt: skip

    def pressed(self, person: str, said: Said, title: str, /, **values: str) -> Json:
        """The press of the button that begins so, with what is filled in beside it."""
        action = next(one for one in actions(said.card) if one["title"].startswith(title))
        data = dict(action["data"])
        data |= {f"{data.get('part')}.{name}": value for name, value in values.items()}
        alone = said.conversation.startswith("a:")
        kind = "personal" if alone else "channel"
        return self.activity(
            person,
            "invoke",
            name="adaptiveCard/action",
            value={"action": {"type": "Action.Execute", "verb": "press", "data": data}},
            replyToId=said.activity["id"],
            conversation={
                "id": said.conversation, "conversationType": kind, "tenantId": TENANT,
            },
        )  # fmt: skip

    def token(self, name: str = "k1", kid: str = "k1", **claims: Any) -> str:
        """A token signed with the key ``name`` that says ``kid``; ``claims`` differ from a good
        one's, and None leaves one out."""
        now = int(time.time())
        told = {"iss": ISSUER, "aud": APP, "serviceurl": self.url, "iat": now, "exp": now + 3600}
        kept = {claim: value for claim, value in (told | claims).items() if value is not None}
        return jwt.encode(kept, key(name), algorithm="RS256", headers={"kid": kid})

    def headers(self, token: str | None = None) -> dict[str, str]:
        """The headers of a request with that token, or a good one."""
        return {"Authorization": f"Bearer {token or self.token()}"}

    # --- what it shows

    def room(self, conversation: str) -> list[Said]:
        """What stands in a conversation, oldest first."""
        return [one for one in self.said.values() if one.conversation == conversation]

    def posts(self, channel: str = INCIDENTS) -> list[Said]:
        """The posts of a channel."""
        begins = f"{channel};messageid="
        return [
            one
            for name, one in self.said.items()
            if one.conversation == f"{begins}{name}"
        ]  # fmt: skip

    # --- what it answers

    async def answer(self, request: Request) -> Response:
        """Answer one request of Tocsin's."""
        self.asked.append(f"{request.method} {request.url.path}")
        self.seen.append(request.headers.get("authorization", ""))
        if self.silent:
            await self.released.wait()
        if self.answers:
            return self.answers.popleft()
        where = request.path_params
        endpoint = request.scope["route"].name
        body = await request.json() if request.method in ("POST", "PUT") else {}
        return JSONResponse(*getattr(self, f"_{endpoint}")(where, body))

    def _begin(self, _where: Json, body: Json) -> tuple[Json, int]:
        if not body.get("isGroup"):
            return self._begin_alone(PERSON.sub("", body["members"][0]["id"]))
        name = str(next(self.numbers))
        conversation = f"{body['channelData']['channel']['id']};messageid={name}"
        self.said[name] = Said(conversation, body["activity"] | {"id": name})
        return {"id": conversation, "activityId": name}, 201

    def _begin_alone(self, person: str) -> tuple[Json, int]:
        if person in self.unreachable:
            return {"error": {"code": "BotNotInConversationRoster", "message": "no"}}, 403
        return {"id": f"a:{person}"}, 201

    def _post(self, where: Json, body: Json) -> tuple[Json, int]:
        if where["conversation"] in self.gone:
            return {"error": {"code": "ConversationNotFound"}}, 404
        name = str(next(self.numbers))
        self.said[name] = Said(where["conversation"], body | {"id": name})
        return {"id": name}, 201

    def _edit(self, where: Json, body: Json) -> tuple[Json, int]:
        before = self.said.get(where["activity"])
        if before is None:
            return {"error": {"code": "ActivityNotFoundInConversation"}}, 404
        after = Said(before.conversation, body | {"id": where["activity"]}, before.edits + 1)
        self.said[where["activity"]] = after
        return {"id": where["activity"]}, 200

    def _member(self, where: Json, _body: Json) -> tuple[Json, int]:
        person = where["member"].removeprefix("29:")
        return {
            "id": where["member"],
            "aadObjectId": f"aad-{person}",
            "email": f"{person}@example.com",
            "userRole": "guest" if person in self.guests else "user",
            "tenantId": TENANT,
        }, 200

    def _channels(self, _where: Json, _body: Json) -> tuple[Json, int]:
        return {"conversations": list(CHANNELS)}, 200

    def _about(self, _where: Json, _body: Json) -> tuple[Json, int]:
        return {"issuer": ISSUER, "jwks_uri": f"{self.url}/keys"}, 200

    def _keys(self, _where: Json, _body: Json) -> tuple[Json, int]:
        public = (key(name).public_key() for name in self.published)
        made = [jwt.algorithms.RSAAlgorithm.to_jwk(one, as_dict=True) for one in public]
        named = zip(self.published, made, strict=True)
        return {
            "keys": [
                one | {"kid": name, "endorsements": list(self.endorsed)} for name, one in named
            ]
        }, 200


@asynccontextmanager
async def bot_framework() -> AsyncIterator[BotFramework]:
    """One that runs for the length of the block."""
    made = BotFramework()
    routes = [
        Route("/v3/conversations", made.answer, methods=["POST"], name="begin"),
        Route("/v3/conversations/{conversation}/activities", made.answer, methods=["POST"],
              name="post"),
        Route("/v3/conversations/{conversation}/activities/{activity}", made.answer,
              methods=["PUT"], name="edit"),
        Route("/v3/conversations/{conversation}/members/{member}", made.answer, name="member"),
        Route("/v3/teams/{team}/conversations", made.answer, name="channels"),
        Route("/openid", made.answer, name="about"),
        Route("/keys", made.answer, name="keys"),
    ]  # fmt: skip
    async with served(Starlette(routes=routes)) as port:
        made.url = f"http://127.0.0.1:{port}"
        try:
            yield made
        finally:
            made.released.set()


def actions(card: Any) -> list[Json]:
    """Every button of a card, those behind a question too."""
    if isinstance(card, list):
        return [found for one in card for found in actions(one)]
    if not isinstance(card, dict):
        return []
    mine = [card] if card.get("type") == "Action.Execute" else []
    return [*mine, *(found for one in card.values() for found in actions(one))]


def written(card: Any) -> str:
    """Every word of a card, a line for each block."""
    if isinstance(card, list):
        return "\n".join(written(one) for one in card if written(one))
    if not isinstance(card, dict):
        return ""
    if card.get("type") == "RichTextBlock":
        return "".join(one["text"] for one in card["inlines"])
    return "\n".join(written(one) for one in card.values() if written(one))
