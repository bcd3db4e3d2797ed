"""Which changes came before an incident, the nearest first, and how often the first was the one.

Rules alone, with the evidence said beside each: how long before, and of what. Nothing here calls a
change a cause (rules.md 16).
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from domain.base import Frozen
from domain.buttons import button
from domain.deployment import JUST_BEFORE, Deployment
from domain.facts import Fact
from domain.message import Actions, Header, Message, Node, Text, bold, sentence, spans
from domain.pipeline import PROD
from domain.when import in_words

WINDOW = timedelta(hours=2)
MOST = 5
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WORD = re.compile(r"[\w.+-]+")
NAMED = 100  # behind every dependency


class Circumstances(Frozen):
    """What is known of the incident: ``beneath`` are the services that its own stands on, nearest
    first; ``words`` what its alerts say. What changed elsewhere than in its ``environment`` stands
    behind."""

    service: str | None
    environment: str = PROD
    at: datetime
    beneath: tuple[str, ...] = ()
    words: frozenset[str] = frozenset()


class Suspect(Frozen):
    """A change before the incident; ``why`` is the evidence, in words.

    Only one of the same service that ended half an hour before at most is ``near``: beside it the
    rollback is within reach.
    """

    deployment: Deployment
    why: str
    near: bool

    @property
    def line(self) -> str:
        """As the card says it."""
        return f"{self.deployment.service} {self.deployment.version}, {self.why}"


class SuspectJudged(Fact):
    """Somebody said whether a change was what it was; ``first`` where the card named it."""

    kind: ClassVar[str] = "suspect_judged"
    template: ClassVar[str] = "{by} says of {what} ({deployment}): {verdict}"
    deployment: str
    what: str
    verdict: str
    first: bool


class HitRate(Frozen):
    """Of how many incidents people said whether the change named first was it, and was."""

    hits: int = 0
    judged: int = 0

    @property
    def told(self) -> str:
        """With n, always."""
        if not self.judged:
            return "Nobody has said yet whether a change named first was it."
        of = f"{self.hits} of {self.judged} times"
        return f"On this installation the change named first was it {of}."


def words_of(texts: Iterable[str]) -> frozenset[str]:
    """The words by which a text may name a service or version."""
    return frozenset(word.casefold().strip(".") for one in texts for word in WORD.findall(one))


def suspects(
    deployments: Iterable[Deployment], about: Circumstances, cleared: Iterable[str] = ()
) -> tuple[Suspect, ...]:
    """The changes that came before, the same service first, then what it stands on, then what the
    alerts name; among those the last first. ``cleared`` are those of which somebody said no."""
    gone = set(cleared)
    ranked = [
        (rank, about.at - _changed_at(one), one)
        for one in deployments
        if one.id not in gone and (rank := _rank(one, about)) is not None and _before(one, about.at)
    ]
    here = about.environment
    ranked.sort(key=lambda one: (one[2].environment != here, one[0], one[1], -one[2].number))
    return tuple(_suspect(rank, ago, one, about) for rank, ago, one in ranked[:MOST])


def suspects_card(found: Sequence[Suspect], incident: str, rate: HitRate) -> Message:
    """All of them with their evidence, what may be said of each, and how often the first was it."""
    if not found:
        none = f"Nothing is known to have changed in the {in_words(WINDOW)} before. {rate.told}"
        return sentence(none)
    nodes: list[Node] = [Header(text=f"Changed before {incident}", tone="neutral")]
    for one in found:
        named = f"{one.deployment.service} {one.deployment.version}"
        target = f"{incident},{one.deployment.id}"
        nodes.append(Text(spans=spans(bold(named), f": {one.why} ({one.deployment.id})")))
        yes = button("incident judge", f"{target},yes", "It was")
        nodes.append(Actions(buttons=(yes, button("incident judge", f"{target},no", "Not it"))))
    nodes.append(Text(spans=spans(rate.told)))
    return Message(nodes=tuple(nodes))


def _suspect(rank: int, ago: timedelta, one: Deployment, about: Circumstances) -> Suspect:
    here = one.environment == about.environment
    ended = one.finished_at is not None and timedelta() <= ago <= JUST_BEFORE
    state = "" if one.status == "success" else f", {one.status.replace('_', ' ')}"
    where = "" if here else f", in {one.environment}"
    why = f"{_ago(ago)}, {_evidence(rank, about)}{where}{state}"
    return Suspect(deployment=one, why=why, near=rank == 0 and here and ended)


def _evidence(rank: int, about: Circumstances) -> str:
    if rank == 0:
        return "same service"
    return "named by an alert" if rank == NAMED else f"{about.service} stands on it"


def _rank(one: Deployment, about: Circumstances) -> int | None:
    if one.service == about.service:
        return 0
    if one.service in about.beneath:
        return 1 + about.beneath.index(one.service)
    names = {one.service.casefold(), one.version.casefold()}
    return NAMED if names & about.words else None


def _changed_at(one: Deployment) -> datetime:
    return one.finished_at or one.started_at


def _before(one: Deployment, at: datetime) -> bool:
    return timedelta() <= at - one.started_at and timedelta() <= at - _changed_at(one) <= WINDOW


def _ago(ago: timedelta) -> str:
    return f"{ago // MINUTE} min" if ago < HOUR else in_words(ago)
