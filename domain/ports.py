"""What the domain's callers need from outside; each is implemented in integrations or bot."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar, runtime_checkable

from pydantic import BaseModel

from domain.account import Account
from domain.actor import Actor
from domain.base import Frozen
from domain.call import Call, Origin, Reply
from domain.checklist import ImportedPage
from domain.contact import ContactKind
from domain.lasting import Alarm
from domain.message import Message, Option
from domain.place import MessageRef as MessageRef
from domain.place import Place as Place
from domain.receipt import Emergency, Receipt
from domain.relay import Relay

Answer = TypeVar("Answer", bound=BaseModel)
Dispatch = Callable[[Call], Awaitable[Reply]]


class Line(Frozen):
    """A line that ``actor`` typed at ``origin``; ``key`` and ``dry_run`` as in a `Call`."""

    text: str
    actor: Actor
    origin: Origin
    key: str | None = None
    dry_run: bool = False


Typed = Callable[[Line], Awaitable[Reply]]


class Clock(Protocol):
    """The time for due dates and facts; leases use the database server's own."""

    def now(self) -> datetime:
        """The present instant in UTC."""


class PageCodes(Protocol):
    """Makes and reads the codes in the links of pages; none of them is stored."""

    def code(self, page: str) -> str:
        """The code of a page."""

    def page_of(self, code: str) -> str | None:
        """The page of a code; None where it was not made here."""


class Ids(Protocol):
    """Source of ids that grow with time."""

    def new(self) -> str:
        """A fresh id of 26 lower-case letters and digits, sorting by creation."""

    def secret(self) -> str:
        """A fresh secret with 256 bits of randomness, URL-safe."""


class RoomSpec(Frozen):
    """A room to open: ``key`` makes a repeat return the same room."""

    key: str
    name: str
    topic: str
    members: tuple[str, ...]
    private: bool = False


class Chat(Protocol):
    """A chat platform. Every call raises `Retry` (unknown, busy) or `Permanent` (told no)."""

    @property
    def platform(self) -> str:
        """The name used in places and refs."""

    async def post(
        self, place: Place, message: Message, key: str, *, again: bool = False
    ) -> MessageRef:
        """Post once per ``key``. ``again`` says that an earlier attempt may have arrived: where
        the channel can be asked, it is asked for the key first."""

    async def edit(self, ref: MessageRef, message: Message) -> None:
        """Replace a posted message in place."""

    async def direct(self, user: str) -> Place:
        """The person's direct room."""

    async def open_room(self, spec: RoomSpec) -> Place:
        """Open the room, or return the one already opened for its key."""

    async def invite(self, place: Place, users: tuple[str, ...]) -> None:
        """Bring people into a room, those who have an account there; twice is once."""

    async def pin(self, ref: MessageRef) -> None:
        """Keep a message at the head of its room, where the platform can."""

    async def archive(self, place: Place) -> None:
        """Close a room that is not needed any more, where the platform can."""

    async def hold_group(self, group: str, users: tuple[str, ...], gone: tuple[str, ...]) -> None:
        """Let a group of the platform hold those of ``users`` who have an account there, and no
        more those ``gone``; twice is once. Raises `Permanent` where it has no such group."""

    async def is_silent(self, user: str) -> bool:
        """Whether the platform says that the person's devices keep silent now; False where it
        does not say."""

    async def probe(self) -> None:
        """Ask the platform for a sign of life."""


class Notifier(Protocol):
    """A way to a person that is no chat. Raises `Retry` and `Permanent` as a chat does."""

    @property
    def kind(self) -> ContactKind:
        """The kind of contact method it sends by."""

    async def send(self, address: str, message: Message, key: str) -> Receipt:
        """Send ``message``. A repeat of ``key`` is the same message again, not another one."""

    async def probe(self) -> None:
        """Ask for a sign of life, as far as it would be let in; nothing is sent."""


@runtime_checkable
class Lasting(Notifier, Protocol):
    """A `Notifier` whose messages go on ringing by themselves."""

    async def settle(self, alarm: Alarm) -> None:
        """Let it ring no more; once more does no harm."""


@runtime_checkable
class Receipted(Notifier, Protocol):
    """A `Notifier` that can be asked what came of a message."""

    async def state_of(self, receipt: str) -> Emergency:
        """Whether somebody has acknowledged it, or it asks nobody any more."""


class Pages(Protocol):
    """Pages of runbooks that stand elsewhere, fetched from where one may."""

    async def page(self, url: str) -> ImportedPage:
        """The page at an address. Raises `Permanent`."""


Choosable = Literal["person", "service", "incident", "target"]


class Choices(Frozen):
    """A question for what fits a field: ``kind`` of thing, and what was typed of it so far.

    A ``target`` is whoever can be paged: a person, a team or the owners of a service.
    """

    account: Account
    kind: Choosable
    typed: str = ""


class ChatKeep(Protocol):
    """What an outside chat's adapter must ask and remember."""

    async def actor(self, account: Account) -> Actor:
        """Whom the account acts as, now."""

    async def account(self, user: str, platform: str) -> str | None:
        """The person's account on a platform; None where they have linked none."""

    async def accounts(self, platform: str) -> dict[str, str]:
        """Account by person: whom that platform can mention."""

    async def heard(self, platform: str) -> None:
        """Somebody does something on the platform."""

    async def incident(self, place: Place) -> str | None:
        """The incident that a room or thread belongs to."""

    async def relay(self, place: Place) -> Relay | None:
        """What of the talk in an incident's room or thread its other rooms read too."""

    async def ringing(self, user: str) -> str | None:
        """The incident of the person's newest page that still rings."""

    async def stored(self, button: str) -> tuple[str, dict[str, str]] | None:
        """The command and arguments of a call that was kept for a button."""

    async def card(self, ref: MessageRef) -> Message | None:
        """The living card of an incident that stands there, as it is now."""

    async def choices(self, asked: Choices) -> tuple[Option, ...]:
        """What the account may pick from, at most 25, the best fit first."""

    async def first_time(self, request: str) -> bool:
        """Whether a signed request is heard for the first time; a replay is not."""

    async def reference(self, platform: str, key: str) -> dict[str, Any] | None:
        """What `refer` kept under ``key``."""

    async def refer(self, platform: str, key: str, reference: dict[str, Any]) -> None:
        """Remember how to find somebody or something on the platform again."""


class Said(Frozen):
    """Words for a place, put there once per ``key``.

    ``author`` is a person's id or ``tocsin``; ``private_to`` the one person who sees them. What is
    ``secret`` stands there for ten minutes only.
    """

    place: Place
    author: str
    message: Message
    key: str
    private_to: str | None = None
    secret: bool = False


class Spot(Frozen):
    """A place that somebody may enter, and the incident it belongs to.

    ``relay`` says what is read in the incident's other rooms of what is said there.
    """

    place: Place
    kind: Literal["channel", "incident", "direct"]
    incident: str | None = None
    relay: Relay | None = None


class Standing(Frozen):
    """A message that stands in a room; ``place`` is the room, or the thread it hangs on."""

    id: str
    place: Place
    message: Message
    private_to: str | None = None


class Keep(Protocol):
    """What the built-in chat must remember, and knows about who may read it.

    ``reader`` is a person's id; what they may not see raises `NotFound` as if it were not there.
    """

    async def say(self, said: Said) -> str:
        """Keep a message, once per key; returns its id."""

    async def edit(self, message: str, shown: Message) -> bool:
        """Replace a message; False where it has gone."""

    async def direct(self, user: str) -> Place:
        """The person's direct room, opened if need be."""

    async def open_room(self, spec: RoomSpec) -> Place:
        """A room of that name, opened if need be."""

    async def enter(self, place: Place, reader: str) -> Spot:
        """The room or thread, for somebody who wants to speak there."""

    async def standing(self, message: str, reader: str) -> Standing:
        """The message of that id."""

    async def asked(self, form: str, reader: str) -> Standing | None:
        """The newest message to the reader alone that asks with the form of that id."""

    async def ringing(self, user: str) -> str | None:
        """The incident of the person's newest page that still rings."""

    async def stored(self, button: str) -> tuple[str, dict[str, str]] | None:
        """The command and arguments of a call that was kept for a button."""


class ModelAnswer(Frozen):
    """What a model call cost, whatever came of it."""

    model: str
    input_tokens: int
    output_tokens: int
    cost_usd: float


class Purpose(Frozen):
    """A prompt, rendered and ready: what leaves the building, and how it is recorded.

    ``request`` is the redacted text that is sent; ``prompt`` is ``name@version``.
    """

    prompt: str
    system: str
    request: str
    max_tokens: int
    timeout_s: float


class LanguageModel(Protocol):
    """One typed question to a model. Raises `Retry` or `Permanent`; never anything else."""

    @property
    def model(self) -> str:
        """The model's name, part of the cache key."""

    @property
    def address(self) -> str:
        """Where the text goes, without anything secret."""

    async def ask(self, purpose: Purpose, schema: type[Answer]) -> tuple[Answer, ModelAnswer]:
        """Answer ``purpose`` in the shape of ``schema``."""


class Query(Frozen):
    """A question for a model about one incident: the prompt's name and the values it takes."""

    prompt: str
    incident: str
    private: bool
    service: str | None
    values: dict[str, str]


class Advisor(Protocol):
    """Asks a model within what the installation allows, keeps every call, and its answers.

    Raises `Retry` or `Permanent`; where no model is configured, always `Permanent`.
    """

    async def ask(self, query: Query, schema: type[Answer]) -> tuple[Answer, str]:
        """The typed answer, and the name of the model that gave it."""
