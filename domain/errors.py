"""What can go wrong on purpose.

Refused            told to the person, in a sentence that says what to do
├── Invalid        the arguments do not fit; names the field
├── NotFound       there is no such thing, or none for this reader
├── NotAllowed     the gate said no
├── Unclear        a write that may mean several things, or one that was not named
└── Stale          the button or plan is no longer what it was
Retry              an adapter could not say or do it now; the job runs again
├── TooSoon        the room has had enough for now; the job waits its turn
└── Unavailable    the whole platform is down; the job waits until it is back
Permanent          an adapter was told no for good; the next way is tried at once
└── Gone           the address itself is no more: nothing is sent there again
"""

from datetime import timedelta


class Refused(Exception):
    """The call was not carried out; the text is for the person who made it."""

    def __init__(self, text: str, *, field: str | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.field = field


class Invalid(Refused):
    """An argument is missing or has the wrong shape."""


class NotFound(Refused):
    """There is no such thing, or none that this reader may see: the same answer for both."""


class NotAllowed(Refused):
    """The authorize gate refused the actor."""


class Unclear(Refused):
    """Which one? ``choices`` are up to five ids with their titles; nothing was done."""

    def __init__(self, text: str, choices: dict[str, str]) -> None:
        super().__init__(text)
        self.choices = dict(list(choices.items())[:5])


class Stale(Refused):
    """The thing has moved on since the button was drawn."""


class Retry(Exception):
    """The outcome is unknown or the other side is busy: run the job again after ``after``."""

    def __init__(self, reason: str, after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.after = after


class TooSoon(Retry):
    """The room takes no more messages for now: the same job, as if for the first time, ``after``
    that."""


class Unavailable(Retry):
    """The platform does not answer anybody: run the job again when it is back.

    ``fresh`` where that was found out just now: the job may know another way.
    """

    def __init__(self, platform: str, *, fresh: bool = False) -> None:
        super().__init__(f"{platform} does not answer")
        self.platform = platform
        self.fresh = fresh


class Permanent(Exception):
    """The other side refused for good: trying the same again cannot help."""


class Gone(Permanent):
    """The address is no more, whoever it belonged to has let it go."""
