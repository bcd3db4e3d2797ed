"""What taking over a runbook owes."""

from typing import ClassVar

from domain.facts import Fact
from domain.job import Job
from domain.place import Place


class RunbookSought(Fact):
    """Somebody asked for a page to be taken over."""

    kind: ClassVar[str] = "runbook_sought"
    template: ClassVar[str] = "{by} asks to take over {source}"
    source: str


class RunbookImported(Fact):
    """A page of somebody else's became a runbook."""

    kind: ClassVar[str] = "runbook_imported"
    template: ClassVar[str] = "{by} takes over {runbook} from {source} ({sha256})"
    runbook: str
    source: str
    sha256: str


class FetchRunbook(Job):
    """Read a page, make it a checklist, and say what came of it."""

    kind: ClassVar[str] = "fetch_runbook"
    max_attempts: ClassVar[int] = 1
    url: str
    service: str | None = None
    user: str
    place: Place | None = None
