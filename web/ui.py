"""What pages post to: a command call from a button or line, and the choice of light or dark.

Everything works without script: the answer is a page of its own. Where the script asked for
JSON it gets the same answer as a fragment.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response

from domain import derive
from domain.base import Frozen
from domain.buttons import pressed
from domain.call import Call, Origin, Reply
from domain.grammar import Parsed
from domain.message import Actions, Message, form_of, spans
from domain.message import Context as Remark
from domain.plain import plain
from domain.ports import Line
from domain.press import given, pressed_call
from web.carried import header, local
from web.gate import Caller, caller_of
from web.pages.frame import framed
from web.pages.models import Action
from web.pages.parts import DashboardParts, Hidden, visit_of
from web.problem import Problem
from web.templating import THEMES, render, theme

VALUES = "values."
MOST_FIELDS = 50
YEAR_S = 31_536_000
INCIDENT_PAGE = re.compile(r"/incidents/(INC-\d+)\b")
STATUS = {"": 200, "invalid": 422, "not_found": 404, "not_allowed": 403, "stale": 409}
ONLY_LOOKED = "Nothing was changed: this is what it would do."
TYPED_WRONG = ("invalid", "not_found")
ASKS_BACK = 200
"""A question (``confirm``) is no error: one of its buttons goes on."""
GOES_TO = {"incident declare": "/incidents/{id}"}
"""Where to go after a command whose answer is a page of its own."""


class ReplyPage(Frozen):
    """What ``reply.html`` shows; ``html`` comes from the renderer, which escapes every word.

    ``again`` is the form as it was filled in, where nothing was done yet: it was refused, or only
    looked at (``dry``).
    """

    html: str
    refused: str
    dry: bool = False
    again: Action | None = None


class Wish(Frozen):
    """A posted form: a ``button`` with its values, or a ``line``; ``back`` is where it stands.

    With ``dry`` it is only looked at: everything is done, then undone, and answered.
    """

    line: str
    button: str
    values: dict[str, str]
    key: str
    back: str
    dry: bool = False

    @property
    def origin(self) -> Origin:
        """The incident's own page is the place of its commands, as its room is."""
        found = INCIDENT_PAGE.match(self.back)
        return Origin(surface="web", incident=found[1] if found else None)

    @property
    def once(self) -> str | None:
        """The key that makes a form sent twice one call."""
        if not self.key or self.dry:
            return None
        said = json.dumps([self.line, self.button, self.values], sort_keys=True)
        return f"{self.key}:{hashlib.sha256(said.encode()).hexdigest()[:32]}"


class Done(Frozen):
    """What came of a wish; ``meant`` is its call where a button made it, ``location`` a page that
    says more than the reply."""

    reply: Reply
    meant: Parsed | None = None
    location: str | None = None


@dataclass(frozen=True)
class Ui:
    """The two things that pages post."""

    parts: DashboardParts

    async def command(self, request: Request) -> Response:
        """Carry out a call as the caller, and show the private answer."""
        caller, wish = caller_of(request), _wish(await _fields(request))
        done = await self._done(caller, wish)
        if "application/json" in header(request.scope, b"accept"):
            return self._as_json(caller, wish, done)
        if done.location:
            return RedirectResponse(done.location, 303)
        return await self._as_page(request, wish, done)

    async def theme(self, request: Request) -> Response:
        """Keep the reader's choice in a cookie; anything else goes back to the system's."""
        fields = await _fields(request)
        answer = RedirectResponse(local(fields.get("back", "/")), 303)
        chosen = fields.get("theme", "")
        lasts = YEAR_S if chosen in THEMES else 0
        answer.set_cookie("tocsin_theme", chosen, max_age=lasts, samesite="lax")
        return answer

    async def _done(self, caller: Caller, wish: Wish) -> Done:
        if not wish.button:
            return Done(reply=await self._typed(caller, wish))
        meant = await self._meant(wish)
        call = Call(
            command=meant.command,
            args=meant.args,
            actor=caller.actor,
            origin=wish.origin,
            key=wish.once,
            dry_run=wish.dry,
        )
        reply = await self.parts.dispatch(call)
        if wish.dry:
            return Done(reply=_looked_at(reply), meant=meant)
        return Done(reply=reply, meant=meant, location=_location(meant, reply))

    async def _typed(self, caller: Caller, wish: Wish) -> Reply:
        if not wish.line.strip():
            raise Problem(422, "Type a command, like /incident list.", field="line")
        line = Line(text=wish.line, actor=caller.actor, origin=wish.origin, key=wish.once)
        return await self.parts.typed(line)

    async def _meant(self, wish: Wish) -> Parsed:
        """The call behind a button: one that was kept for it, or the one its id says."""
        stored = await self.parts.stored(wish.button)
        if stored is None:
            return pressed_call(wish.button, wish.values, self.parts.registry)
        command, args = stored
        return Parsed(command=command, args=args | given(wish.values))

    def _as_json(self, caller: Caller, wish: Wish, done: Done) -> Response:
        told = {
            "html": self._drawn(caller, wish, done.reply),
            "text": plain(done.reply.message),
            "refused": done.reply.refused,
            "location": done.location,
        }
        return JSONResponse(told | ({"dry": True} if wish.dry else {}))

    async def _as_page(self, request: Request, wish: Wish, done: Done) -> Response:
        caller, reply = caller_of(request), done.reply
        async with self.parts.read() as unit:
            visit = visit_of(request, self.parts, unit.scope)
            frame = await framed(visit, "", theme(request.scope))
        page = ReplyPage(
            html=self._drawn(caller, wish, reply),
            refused=reply.refused,
            dry=wish.dry,
            again=self._again(wish, done),
        )
        html = render("reply.html", frame.model_copy(update={"here": wish.back}), page)
        return HTMLResponse(html, STATUS.get(reply.refused, ASKS_BACK))

    def _again(self, wish: Wish, done: Done) -> Action | None:
        """The form with what was typed, unless the answer asks with one of its own."""
        reply, meant = done.reply, done.meant
        if meant is None or not wish.values or form_of(reply.message):
            return None
        if not wish.dry and reply.refused not in TYPED_WRONG:
            return None
        command, named = self.parts.registry.commands[meant.command], pressed(wish.button)
        faults = {reply.field: plain(reply.message)} if reply.field and reply.refused else {}
        form = derive.form(command, wish.values, faults, named.target if named else "")
        return Action(label=form.submit, button=wish.button, inputs=form.inputs)

    def _drawn(self, caller: Caller, wish: Wish, reply: Reply) -> str:
        hidden = Hidden(csrf=caller.csrf, key=wish.key, back=wish.back)
        return self.parts.drawn(reply.message, hidden)


def _wish(fields: Mapping[str, str]) -> Wish:
    values = {
        name.removeprefix(VALUES): value
        for name, value in fields.items()
        if name.startswith(VALUES)
    }
    return Wish(
        line=fields.get("line", ""),
        button=fields.get("button", ""),
        values=values,
        key=fields.get("key", ""),
        back=local(fields.get("back", "/")),
        dry=bool(fields.get("dry")),
    )


def _looked_at(reply: Reply) -> Reply:
    """What would have been answered, without the buttons of what is undone again."""
    if reply.refused:
        return reply
    left = (one for one in reply.message.nodes if not isinstance(one, Actions))
    message = Message(nodes=(*left, Remark(spans=spans(ONLY_LOOKED))))
    return reply.model_copy(update={"message": message})


def _location(meant: Parsed, reply: Reply) -> str | None:
    to = GOES_TO.get(meant.command)
    return to.format_map(reply.data) if to and not reply.refused else None


async def _fields(request: Request) -> dict[str, str]:
    """The fields of a form, the last of each name. Raises `Problem` for too many."""
    body = (await request.body()).decode("utf-8", "replace")
    try:
        return dict(parse_qsl(body, keep_blank_values=True, max_num_fields=MOST_FIELDS))
    except ValueError:
        raise Problem(400, f"The form has over {MOST_FIELDS} fields.") from None
