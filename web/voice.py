"""``POST /twilio/voice/…``: a key pressed in a call that Tocsin made (rules.md 3).

The address holds the codes of the pages that were read out, which act for one person on one page;
1 acknowledges them, 2 passes them on, and nothing else can be done. Twilio signs what it posts.
"""

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from domain.call import Call, Origin
from domain.plain import plain
from domain.ports import Dispatch
from integrations.notify.acting import BETWEEN, MOST_PAGES
from integrations.notify.twiml import PRESSED_AT, TESTED, ask, keys, say
from web.ack import LONGEST_CODE
from web.ports import Paged, PageLinks, Tested
from web.routes import posted
from web.twilio import Signed, said

UNPROVEN = 401
COMMANDS = {"1": "page ack", "2": "page pass"}
DONE = {"1": "is yours.", "2": "is passed on."}
HEARD = "Good. This reaches you."
NOWHERE = "This call leads nowhere any more."
GOODBYE = "Goodbye."


@dataclass(frozen=True)
class VoiceAnswers:
    """The keys that count."""

    signed: Signed
    links: PageLinks
    dispatch: Dispatch

    async def answer(self, request: Request) -> Response:
        """What the person hears next; 401 for what is not Twilio's."""
        fields = await self.signed.fields(request)
        if fields is None:
            return Response(status_code=UNPROVEN)
        if fields.get("Digits", "") not in COMMANDS:
            return self._again(request)
        codes = request.path_params["codes"].split(BETWEEN)[:MOST_PAGES]
        found = [await self._behind(code) for code in codes]
        done = [await self._answered(one, fields) for one in found if one]
        return _goodbye(" ".join(done) or NOWHERE)

    async def heard(self, request: Request) -> Response:
        """A test call was heard."""
        fields = await self.signed.fields(request)
        if fields is None:
            return Response(status_code=UNPROVEN)
        if fields.get("Digits") != "1":
            return self._again(request)
        code = request.path_params["code"]
        tested = await self.links.tested(code) if len(code) <= LONGEST_CODE else None
        return _goodbye(await self._confirmed(tested) if tested else NOWHERE)

    def routes(self) -> list[BaseRoute]:
        """Of pages and of tests."""
        tests = posted(f"{PRESSED_AT}{TESTED}{{code}}", self.heard)
        return [tests, posted(f"{PRESSED_AT}{{codes}}", self.answer)]

    def _again(self, request: Request) -> Response:
        """Another key, or none."""
        address = f"{self.signed.url}{request.url.path}"
        return said(ask(keys(address), address), say(GOODBYE))

    async def _behind(self, code: str) -> Paged | None:
        return await self.links.behind(code) if len(code) <= LONGEST_CODE else None

    async def _answered(self, paged: Paged, fields: dict[str, str]) -> str:
        incident, digit = paged.incident, fields["Digits"]
        if not incident.open:
            return f"{incident.id} is {incident.status.value}."
        reply = await self.dispatch(_call(paged, digit, fields.get("CallSid", "")))
        if not reply.refused:
            return f"{incident.id} {DONE[digit]}"
        return f"Open {incident.id} to read." if incident.private else plain(reply.message)

    async def _confirmed(self, tested: Tested) -> str:
        args = {"test": tested.test.id}
        origin = Origin(surface="web")
        call = Call(command="me got", args=args, actor=tested.person, origin=origin)
        reply = await self.dispatch(call)
        return plain(reply.message) if reply.refused else HEARD


def _call(paged: Paged, digit: str, call: str) -> Call:
    """The same key of the same call twice is answered as before."""
    return Call(
        command=COMMANDS[digit],
        args={"page": paged.page.id},
        actor=paged.person,
        origin=Origin(surface="web", incident=paged.incident.id),
        key=f"voice:{call}:{paged.page.id}:{digit}" if call else None,
    )


def _goodbye(words: str) -> Response:
    return said(say(words), say(GOODBYE))
