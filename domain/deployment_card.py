"""How a deployment looks, and what lies between two versions of a service."""

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import quote, urlsplit

from domain.deploy_event import DeployEvent
from domain.deployment import UNDER_WAY, Deployment
from domain.errors import NotFound
from domain.message import (
    FieldPair,
    Fields,
    Header,
    Message,
    Node,
    Spans,
    Table,
    Text,
    Tone,
    code,
    link,
    moment,
    spans,
)

MOST_WORDS = 10
COMPARED = {"github": "compare", "gitlab": "-/compare"}
TONES: dict[str, Tone] = {"success": "good", "failure": "danger"}
MIGRATION = {True: "changes a database", False: "changes no database", None: "nobody says"}


class Difference(NamedTuple):
    """What was deployed after ``older`` up to and with ``newer``, oldest first."""

    older: Deployment
    newer: Deployment
    passed: tuple[Deployment, ...]


def between(known: Sequence[Deployment], older: str, newer: str) -> Difference:
    """The deployments of a service between two versions, as they went out there.

    Without ``newer`` it is what runs, without ``older`` what ran before. Raises `NotFound`.
    """
    ours = sorted(known, key=lambda one: one.started_at)
    last = _last(ours, newer, len(ours))
    first = _last(ours, older, last, unlike=ours[last].version)
    return Difference(ours[first], ours[last], tuple(ours[first + 1 : last + 1]))


def comparison(found: Difference, component: str) -> str | None:
    """Where the commits in between can be read; None where the sender has no such page."""
    newer, older = found.newer, found.older
    way, origin = COMPARED.get(newer.source), _origin(newer.url)
    if not (way and origin and component and newer.commit and older.commit):
        return None
    return f"{origin}/{quote(component)}/{way}/{quote(older.commit)}...{quote(newer.commit)}"


def deployment_card(one: Deployment, told: Sequence[DeployEvent] = ()) -> Message:
    """Everything known of it, and the newest words that were told."""
    pairs = [
        ("Where", spans(f"{one.service} in {one.environment}")),
        ("Status", spans(one.status.replace("_", " "))),
        ("Started", spans(moment(one.started_at))),
        ("Ended", spans(moment(one.finished_at)) if one.finished_at else spans("not yet")),
        ("Told by", spans(one.source)),
        ("Database", spans(MIGRATION[one.migration])),
    ]
    more = [("Commit", spans(code(one.commit)))] if one.commit else []
    more += [("Pipeline", spans(link("see it there", one.url)))] if one.url else []
    fields = tuple(FieldPair(label=label, value=value) for label, value in (*pairs, *more))
    tone: Tone = TONES.get(one.status, "neutral")
    head = Header(text=f"{one.id} · {one.service} {one.version}", tone=tone)
    return Message(nodes=(head, Fields(fields=fields), *_words(told)))


def difference_card(found: Difference, compare: str | None) -> Message:
    """What lies in between, oldest first."""
    older, newer = found.older, found.newer
    where = f"{newer.service} {newer.environment}"
    head = Header(text=f"{where}: {older.version} → {newer.version}", tone="neutral")
    rows = tuple(
        (one.id, one.version, one.status.replace("_", " "), MIGRATION[one.migration])
        for one in found.passed
    )
    table = Table(head=("id", "version", "status", "database"), rows=rows)
    commits: Spans = (
        spans(link("compare the commits", compare))
        if compare
        else spans("The commits in between are not known: a pipeline that tells them is needed.")
    )
    return Message(nodes=(head, table, Text(spans=commits)))


def _words(told: Sequence[DeployEvent]) -> tuple[Node, ...]:
    newest = told[-MOST_WORDS:]
    lines = (spans(moment(one.at), f" {one.status.replace('_', ' ')}") for one in newest)
    return tuple(Text(spans=line) for line in lines)


def _last(ours: list[Deployment], version: str, before: int, unlike: str = "") -> int:
    """Where the newest of a version stands before that place; without one, of what went well."""
    for place in range(before - 1, -1, -1):
        one = ours[place]
        fits = one.version == version if version else one.status not in (*UNDER_WAY, "failure")
        if fits and one.version != unlike:
            return place
    what = f"version {version}" if version else "earlier version"
    raise NotFound(f"There is no {what} of it there: see /deploy list.")


def _origin(url: str | None) -> str:
    parts = urlsplit(url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
