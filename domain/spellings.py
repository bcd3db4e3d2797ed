"""What people already type: other names for roots, what a bare root does, and habits of old."""

from domain.base import Frozen

NOUN_ALIASES = {"inc": "incident", "rb": "runbook", "pm": "postmortem", "sm": "safe-mode"}
DEFAULT_VERBS = {
    "page": "send",
    "oncall": "who",
    "ask": "question",
    "rollback": "start",
    "health": "show",
    "help": "show",
    "me": "show",
    "safe-mode": "show",
}
# the beginning of a line → what it stands for, where that command exists
HABITS = {
    "incident ic": "incident lead",
    "incident commander": "incident lead",
    "incident page": "page send",
    "incident whoisoncall": "oncall who",
    "incident cover": "oncall cover",
    "whoisoncall": "oncall who",
}
# the same, only where nothing follows but an incident's id
BARE = {"incident status": "incident show"}
# the same, where nothing but an incident's id stands beside these words
WHOLE = {
    f"incident {verb} {status}": "incident mitigate"
    for verb in ("status", "update")
    for status in ("mitigated", "monitoring")
}
# a page says "reply: ack 42 · pass 42"; in an incident's room its own verbs come first
PAGE_REPLIES = {"ack": "page ack", "pass": "page pass", "snooze": "page snooze"}
MAIN_NOUN = "incident"
DECLARE = "incident declare"
NOTE = "incident note"
SEVERITY_COMMAND = "incident severity"


ROOT = "tocsin"
# Those that Slack is told of beside /tocsin, where no other tool has them (rules.md 17).
USUAL = ("incident", "inc", "page", "oncall")


class Registered(Frozen):
    """How commands begin in Slack, where a name that two apps have goes to one of them.

    ``prefix`` stands before every root: with ``acme-`` it is ``/acme-incident``. Where ``single``
    is set it is the only root, and all others follow it. Every way to begin is understood
    everywhere; this is about what Slack offers.
    """

    prefix: str = ""
    single: str | None = None

    @property
    def roots(self) -> tuple[str, ...]:
        """What may stand before every other root."""
        return (ROOT, self.single) if self.single else (ROOT,)

    def shown(self, line: str, surface: str) -> str:
        """``line``, like ``/me link``, as it can be typed on ``surface``."""
        if surface != "slack" or not line.startswith("/"):
            return line
        words = line.removeprefix("/")
        first = words.partition(" ")[0]
        if first in self.roots:
            return f"/{self.prefix}{words}"
        if self.single or first not in USUAL:
            return f"/{self.prefix}{self.single or ROOT} {words}"
        return f"/{self.prefix}{words}"


class Defaults(Frozen):
    """What a place takes for granted: ``incident`` is the id its room or thread belongs to.

    Each of ``roots`` may stand before every other root, and ``prefix`` before any; ``aliases``
    holds the installation's own names.
    """

    incident: str | None = None
    roots: tuple[str, ...] = (ROOT,)
    prefix: str = ""
    aliases: dict[str, str] = NOUN_ALIASES
    verbs: dict[str, str] = DEFAULT_VERBS
