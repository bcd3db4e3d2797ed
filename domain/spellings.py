"""What people already type: other names for roots, what a bare root does, and habits of old."""

from domain.base import Frozen

NOUN_ALIASES = {"inc": "incident", "rb": "runbook", "pm": "postmortem"}
DEFAULT_VERBS = {
    "page": "send",
    "oncall": "who",
    "ask": "question",
    "rollback": "start",
    "health": "show",
    "help": "show",
    "me": "show",
}
# the beginning of a line → what it stands for, where that command exists
HABITS = {
    "incident ic": "incident lead",
    "incident commander": "incident lead",
    "incident page": "page send",
    "incident whoisoncall": "oncall who",
    "incident cover": "oncall override",
    "oncall cover": "oncall override",
    "whoisoncall": "oncall who",
}
# the same, only where nothing follows but an incident's id
BARE = {"incident status": "incident show"}
# a page says "reply: ack 42 · pass 42"; in an incident's room its own verbs come first
PAGE_REPLIES = {"ack": "page ack", "pass": "page pass"}
MAIN_NOUN = "incident"
DECLARE = "incident declare"
NOTE = "incident note"
SEVERITY_COMMAND = "incident severity"


class Defaults(Frozen):
    """What a place takes for granted: ``incident`` is the id its room or thread belongs to.

    ``root`` may stand before every other root; ``aliases`` holds the installation's own names.
    """

    incident: str | None = None
    root: str = "tocsin"
    aliases: dict[str, str] = NOUN_ALIASES
    verbs: dict[str, str] = DEFAULT_VERBS
