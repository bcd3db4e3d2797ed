"""The one door: everything a person or program asks for is a Call, and is answered by a Reply."""

from typing import Any, Literal

from domain.actor import Actor
from domain.base import Frozen
from domain.message import Message

Surface = Literal["console", "api", "cli", "web", "slack", "discord", "teams", "job"]


class Origin(Frozen):
    """Where the call was made; ``incident`` is the id that the room or thread belongs to.

    ``direct`` says that nobody but the caller reads there, ``public`` that everybody has.
    """

    surface: Surface
    workspace: str | None = None
    room: str | None = None
    thread: str | None = None
    message: str | None = None
    incident: str | None = None
    public: bool = False
    direct: bool = False


class Call(Frozen):
    """A command with its raw arguments; the argument model validates them at dispatch.

    ``key`` makes a repeat answer with the first reply. A dry run runs and rolls back.
    ``approved`` names the approval by which a guarded call is carried out; it counts only while
    that approval is being granted.
    """

    command: str
    args: dict[str, Any]
    actor: Actor
    origin: Origin
    key: str | None = None
    dry_run: bool = False
    approved: str | None = None


Refusal = Literal["", "asks", "invalid", "not_found", "not_allowed", "stale", "confirm"]


class Reply(Frozen):
    """The answer to the caller: private unless the command itself speaks to the room.

    ``refused`` says why nothing was done; ``asks`` is no fault, the reply is a form to fill in.
    ``approval`` is what the call waits for: it is kept, and not carried out yet.
    ``data`` is the same answer for programs, in JSON's own types. A ``secret`` answer is not
    kept for repeats, and in the built-in chat for ten minutes only.
    """

    message: Message
    private: bool = True
    refused: Refusal = ""
    field: str | None = None
    approval: str | None = None
    data: Any = None
    secret: bool = False
