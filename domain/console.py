"""The built-in chat: what people do in it, and what comes of that."""

from datetime import timedelta
from typing import ClassVar, Protocol

from domain.actor import Actor
from domain.base import Frozen
from domain.call import Reply
from domain.job import Job
from domain.message import Context, Message, spans

SHOWN_FOR = timedelta(minutes=10)


class Spoken(Frozen):
    """Words somebody typed into a room or thread; ``key`` makes a repeat the same words."""

    actor: Actor
    room: str
    thread: str | None = None
    text: str
    key: str | None = None


class Press(Frozen):
    """A button or choice of a message; ``values`` are what was picked."""

    actor: Actor
    message: str
    button: str
    values: dict[str, str] = {}
    key: str | None = None


class Submission(Frozen):
    """A filled-in form; ``message`` is where it was asked, if that is known."""

    actor: Actor
    form: str
    values: dict[str, str] = {}
    message: str | None = None
    key: str | None = None


class Heard(Frozen):
    """``reply`` is None for words that are no command; ``messages`` are the ids of what was
    put into the chat, in order."""

    reply: Reply | None = None
    messages: tuple[str, ...] = ()


class Listener(Protocol):
    """Hears what people do in the built-in chat. Raises `domain.errors.Refused`."""

    async def say(self, spoken: Spoken) -> Heard:
        """Words: a command, an answer to a page, or something for the room."""

    async def press(self, press: Press) -> Heard:
        """A button."""

    async def submit(self, submission: Submission) -> Heard:
        """A form."""


class ForgetAnswer(Job):
    """Take the words of a secret answer out of the chat."""

    kind: ClassVar[str] = "forget_answer"
    message: str


FORGOTTEN = Message(
    nodes=(Context(spans=spans("This stood here for ten minutes: ask again to see one.")),),
    urgency="quiet",
)
