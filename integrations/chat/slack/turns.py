"""One turn of a conversation: somebody does something, it is carried out, and they are answered."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from domain.account import Account
from domain.call import Reply
from domain.errors import Permanent, Retry
from domain.message import Message, sentence
from integrations.chat.slack.answer import Answered, Answers, Way
from integrations.chat.slack.people import SlackPeople

IN_TIME_S = 1.5
"""After this a request is acknowledged and its answer follows; Slack waits 3 s."""
PRESS_S = 0.25
"""The same for a press, whose acknowledgement says nothing anyway; where many come at once, it is
acknowledged at once."""
AT_WORK = 8
"""So many turns are carried out together: the others wait, and acknowledging does not."""

UNKNOWN = "Slack does not say who you are at the moment: try again, or use Tocsin's own pages."

Call = Callable[[Account], Awaitable[Reply]]


@dataclass
class Turns:
    """Carries out calls in time, and what takes longer in the background. ``dress`` marks every
    answer of a demo."""

    people: SlackPeople
    answers: Answers
    dress: Callable[[Message], Message]
    _going_on: set[asyncio.Task[None]] = field(default_factory=set)
    _at_work: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_WORK))

    async def take(self, way: Way, call: Call, in_time_s: float = IN_TIME_S) -> Answered | None:
        """Carry out ``call`` as the account of ``way``; None where the answer follows later."""
        many = self._at_work.locked()
        turn = asyncio.create_task(self._turn(way, call))
        await asyncio.wait((turn,), timeout=0 if many and in_time_s == PRESS_S else in_time_s)
        if turn.done():
            return turn.result()
        self.later(self._finish(turn))
        return None

    def answer(self, answered: Answered) -> None:
        """Answer behind the acknowledgement, which must not wait for it."""
        self.later(self.answers.give(answered))

    def later(self, doing: Coroutine[Any, Any, None]) -> None:
        """Go on with ``doing`` when the request has been acknowledged."""
        task = asyncio.create_task(doing)
        self._going_on.add(task)
        task.add_done_callback(self._going_on.discard)

    async def settle(self) -> None:
        """Wait for everything that goes on."""
        while self._going_on:
            await asyncio.gather(*self._going_on, return_exceptions=True)

    def dressed(self, reply: Reply) -> Reply:
        """The reply as it is shown."""
        return reply.model_copy(update={"message": self.dress(reply.message)})

    async def _turn(self, way: Way, call: Call) -> Answered:
        async with self._at_work:
            try:
                account = await self.people.account(way.user)
            except (Retry, Permanent):
                return Answered(reply=Reply(message=sentence(UNKNOWN), refused="invalid"), way=way)
            return Answered(reply=self.dressed(await call(account)), way=way, account=account)

    async def _finish(self, turn: asyncio.Task[Answered]) -> None:
        await self.answers.give(await turn)
