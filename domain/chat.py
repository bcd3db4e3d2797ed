"""What people do in outside chats, as the adapter of each platform reports it."""

from domain.account import Account
from domain.base import Frozen
from domain.place import Place


class Heard(Frozen):
    """Who did it and where; ``key`` is the platform's own id, by which a repeat is told.

    ``direct`` is a place of the account and Tocsin alone; ``public`` says that others there have
    read the words themselves. ``message`` is the one that was pressed or pointed at.
    """

    account: Account
    place: Place
    key: str
    direct: bool = False
    public: bool = False
    message: str | None = None


class Words(Heard):
    """Words for Tocsin: a line as people type it, with or without its slash."""

    text: str


class Typed(Heard):
    """A command whose arguments the platform has told apart already."""

    command: str
    args: dict[str, str]


class Pressed(Heard):
    """A button, a choice or a submitted form; ``values`` are what was picked or filled in."""

    button: str
    values: dict[str, str] = {}


class Kept(Heard):
    """A message that somebody adds to an incident's timeline; ``author`` wrote it."""

    text: str
    author: str
