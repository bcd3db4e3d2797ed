"""The postmortem and what it is written from: an incident, its facts, its alerts, the changes."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

from domain.alert import Alert
from domain.base import Frozen
from domain.deployment import Deployment
from domain.facts import Entry
from domain.incident import Incident
from domain.incident_facts import IncidentDeclared
from domain.timeline import name_of
from domain.when import in_words

PostmortemStatus = Literal["draft", "review", "published"]
ActionStatus = Literal["suggested", "open", "done", "dropped"]
RULES = "rules"
QUESTION = re.compile(r"[?？](?=\s|$)")


class TimelineRow(Frozen):
    """One line of the timeline: when (UTC), the words, and the fact it is."""

    at: datetime
    text: str
    fact: str


class ActionItem(Frozen):
    """Something to do. ``id`` is ``draft-1`` … until a person adopts it and it gets a number."""

    id: str
    text: str
    owner: str | None = None
    due: datetime | None = None
    status: ActionStatus = "suggested"


class Claim(Frozen):
    """A sentence of the postmortem and the ids of the facts that carry it."""

    sentence: str
    cites: tuple[str, ...]


class Postmortem(Frozen):
    """What happened and what is to be learned, for people who were not there.

    ``written_by`` is ``rules`` or a model's name; people edit either. A question in a section
    is a gap for people to fill and is no claim.
    """

    incident: str
    status: PostmortemStatus = "draft"
    summary: str
    impact: str
    timeline: tuple[TimelineRow, ...]
    contributing_factors: tuple[str, ...]
    detection: str
    resolution: str
    went_well: tuple[str, ...]
    went_wrong: tuple[str, ...]
    lucky: tuple[str, ...]
    action_items: tuple[ActionItem, ...]
    claims: tuple[Claim, ...]
    written_by: str

    @property
    def open_questions(self) -> int:
        """How many of the questions that a draft asks still stand in it."""
        prose = (self.summary, self.impact, self.detection, self.resolution)
        lists = (*self.contributing_factors, *self.went_well, *self.went_wrong, *self.lucky)
        return sum(len(QUESTION.findall(one)) for one in (*prose, *lists))


class Line(Frozen):
    """A stored fact and the sentence that the timeline shows for it."""

    entry: Entry
    text: str


class Digest(Frozen):
    """Everything a writer may use, oldest first; what is not here did not happen for it.

    ``deployments`` are those near the start, of any service. ``names`` gives display names for
    people's ids. ``runbooks`` are the titles that were linked to the alerts or the service.
    """

    incident: Incident
    lines: tuple[Line, ...]
    alerts: tuple[Alert, ...] = ()
    deployments: tuple[Deployment, ...] = ()
    names: dict[str, str] = {}
    runbooks: tuple[str, ...] = ()

    def of(self, *kinds: str) -> tuple[Line, ...]:
        """The lines of these kinds, oldest first."""
        return tuple(line for line in self.lines if line.entry.kind in kinds)

    def name(self, person: object) -> str:
        """How a person is called; an id nobody knows stays as it is."""
        return name_of(str(person), self.names)

    @property
    def start(self) -> tuple[Line, ...]:
        """The line that began it, cited for what is computed from the incident's own times."""
        return (*self.of(IncidentDeclared.kind), *self.lines)[:1]

    @property
    def facts(self) -> frozenset[str]:
        """Every id that a claim may cite."""
        return frozenset(line.entry.id for line in self.lines)


class Took(Frozen):
    """A length of time in seconds and in words."""

    seconds: int
    words: str


class Durations(Frozen):
    """How long things took; None where one of the two times is missing or out of order.

    ``detect`` counts from the start of the impact to detection; the others count from the
    declaration.
    """

    detect: Took | None
    acknowledge: Took | None
    mitigate: Took | None
    resolve: Took | None


def durations(incident: Incident) -> Durations:
    """The times of ``incident`` as lengths."""
    return Durations(
        detect=_took(incident.impact_started_at, incident.detected_at),
        acknowledge=_took(incident.declared_at, incident.acknowledged_at),
        mitigate=_took(incident.declared_at, incident.mitigated_at),
        resolve=_took(incident.declared_at, incident.resolved_at),
    )


def stated(sentence: str, lines: Sequence[Line]) -> Claim:
    """A sentence that ``lines`` carry."""
    return Claim(sentence=sentence, cites=tuple(line.entry.id for line in lines))


def asked(question: str) -> Claim:
    """A gap for people to fill."""
    return Claim(sentence=question, cites=())


def timeline(digest: Digest) -> tuple[TimelineRow, ...]:
    """The digest's lines as rows of a postmortem."""
    rows = (
        TimelineRow(at=line.entry.at, text=line.text, fact=line.entry.id) for line in digest.lines
    )
    return tuple(rows)


def _took(start: datetime | None, end: datetime | None) -> Took | None:
    if start is None or end is None or end < start:
        return None
    return Took(seconds=round((end - start).total_seconds()), words=in_words(end - start))
