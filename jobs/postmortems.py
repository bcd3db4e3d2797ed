"""Postmortems: a draft is written from the facts and posted as a thread of its own."""

import re
from collections.abc import Mapping
from datetime import timedelta

from domain.answers import PostmortemAnswer
from domain.base import Frozen
from domain.draft import briefing, from_answer
from domain.errors import Permanent, Retry
from domain.facts import Entry
from domain.incident import Incident
from domain.incident_facts import PostmortemDrafted
from domain.incident_jobs import DraftPostmortem, ShowPostmortem, ShowSection
from domain.ports import MessageRef, Place, Query
from domain.postmortem import Digest, Line, Postmortem
from domain.postmortem_card import HEAD, SECTIONS, card_key, section_card
from domain.skeleton import skeleton
from domain.timeline import sentence
from jobs.cards import home_of
from jobs.drafts import owe_telling
from jobs.drawing import Drawn, digest_of_message, draw, redrawn
from jobs.registry import Effect, Ports, Reaction
from storage.cards import Card
from storage.unit import Unit

NEAR = timedelta(hours=6)
NAMED = re.compile(r"INC-\d+")


class Material(Frozen):
    """What a writer needs; ``ask`` is None where only the rules may write."""

    digest: Digest
    query: Query | None


async def load(unit: Unit, job: DraftPostmortem) -> Material | None:
    """The facts as they are now; None where people have written already."""
    kept = await unit.postmortems.get(job.incident)
    if kept and kept.status != "draft":
        return None
    digest = await digest_of(unit, job.incident)
    allowed = "postmortem" in unit.installation.model_purposes
    return Material(digest=digest, query=_query(digest) if allowed else None)


async def digest_of(unit: Unit, name: str) -> Digest:
    """Everything a writer may use about an incident."""
    incident = await unit.incidents.need(name)
    names = {person.id: person.name for person in await unit.people.everybody()}
    entries = await _tellable(unit, incident)
    runbook = await unit.runbook_suggestions.of(incident)
    start = incident.impact_started_at or incident.detected_at
    return Digest(
        incident=incident,
        lines=tuple(Line(entry=entry, text=sentence(entry, names)) for entry in entries),
        alerts=await unit.alerts.of(name),
        deployments=await unit.catalog.deployments_near(start, NEAR),
        names=names,
        runbooks=(runbook.title,) if runbook and runbook.id else (),
    )


async def _tellable(unit: Unit, incident: Incident) -> list[Entry]:
    """The facts, but for those that name a private incident: others read the draft too."""
    entries = await unit.facts.of(incident.subject)
    named = {str(value) for entry in entries for value in entry.payload.values()}
    found = [await unit.incidents.get(name) for name in sorted(named) if NAMED.fullmatch(name)]
    hidden = {one.id for one in found if one and one.private and not incident.private}
    return [entry for entry in entries if hidden.isdisjoint(map(str, entry.payload.values()))]


def _query(digest: Digest) -> Query:
    told = briefing(digest)
    return Query(
        prompt="postmortem",
        incident=digest.incident.id,
        private=digest.incident.private,
        service=digest.incident.service,
        values={"figures": told.figures, "timeline": told.timeline},
    )


async def write(ports: Ports, loaded: Material) -> Postmortem:
    """The model's draft with every sentence checked; the rules' where it gives none."""
    if loaded.query is None:
        return skeleton(loaded.digest)
    try:
        answer, model = await ports.advisor.ask(loaded.query, PostmortemAnswer)
    except (Permanent, Retry):
        return skeleton(loaded.digest)
    return from_answer(answer, loaded.digest, model).postmortem


async def save(unit: Unit, job: DraftPostmortem, outcome: Postmortem) -> None:
    """Keep the draft and owe its thread."""
    incident = await unit.incidents.need(job.incident)
    kept = await unit.postmortems.get(job.incident)
    if kept and kept.status != "draft":
        return
    await unit.postmortems.put(outcome)
    fact = PostmortemDrafted(written_by=outcome.written_by)
    await unit.facts.add(incident.subject, fact)
    if kept is None:
        await owe_telling(unit, job.incident)


async def show(unit: Unit, job: ShowPostmortem) -> None:
    """Owe the head of the draft; once it stands, the sections in its thread (rules.md 24)."""
    postmortem = await unit.postmortems.get(job.incident)
    standing = await unit.cards.under(card_key(job.incident, ""))
    head = standing.get(card_key(job.incident, HEAD))
    home = await home_of(unit, await unit.incidents.need(job.incident))
    if postmortem is None or home is None:
        return
    if head is None or not _shows(head, postmortem, HEAD):
        await _owe(unit, job.incident, HEAD, home)
    if head is not None:
        place = Place(platform=head.platform, room=head.room, thread=head.thread or head.message)
        for name in _to_draw(postmortem, standing):
            await _owe(unit, job.incident, name, place)


def _to_draw(postmortem: Postmortem, standing: Mapping[str, Card]) -> list[str]:
    """Sections that say something else by now, and the first that does not stand: in order."""
    cards = {name: standing.get(card_key(postmortem.incident, name)) for name in SECTIONS}
    changed = [name for name, card in cards.items() if card and not _shows(card, postmortem, name)]
    missing = [name for name, card in cards.items() if card is None]
    return changed + missing[:1]


def _shows(card: Card, postmortem: Postmortem, section: str) -> bool:
    return card.digest == digest_of_message(section_card(postmortem, section))


async def _owe(unit: Unit, incident: str, section: str, place: Place) -> None:
    job = ShowSection(incident=incident, section=section, place=place)
    due = await unit.cards.next_edit(card_key(incident, section), place)
    await unit.jobs.add(job, due=due, key=f"~section:{incident}:{section}")


async def load_section(unit: Unit, job: ShowSection) -> Drawn | None:
    """One message of the draft; None where it stands as it is."""
    postmortem = await unit.postmortems.get(job.incident)
    if postmortem is None:
        return None
    key = card_key(job.incident, job.section)
    card = next(iter(await unit.cards.of(key)), None)
    return redrawn(job.place, section_card(postmortem, job.section), key, card)


async def save_section(unit: Unit, job: ShowSection, outcome: tuple[Drawn, MessageRef]) -> None:
    """Remember the message; the next section follows when this one stands."""
    drawn, ref = outcome
    await unit.cards.shown(card_key(job.incident, job.section), drawn.place, ref, drawn.digest)
    if drawn.ref is None:
        again = ShowPostmortem(incident=job.incident)
        await unit.jobs.add(again, key=f"~postmortem:{job.incident}")


DRAFT = Effect(DraftPostmortem, load, write, save)
SHOW = Reaction(ShowPostmortem, show)
SHOW_SECTION = Effect(ShowSection, load_section, draw, save_section)
