"""The cards of a page: how they look now, and where they are redrawn."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from domain.base import Frozen
from domain.deployment import Deployment
from domain.errors import Permanent, Retry
from domain.incident import Incident
from domain.incident_jobs import ShowPages
from domain.lasting import LASTING, Alarm, Settled
from domain.message import Message
from domain.page_card import PageView, page_card
from domain.paging import Page, Ring, ShowPage
from domain.ports import MessageRef
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit


class StandingCard(Frozen):
    """A message as it is to look now, and everywhere it stands."""

    message: Message
    refs: tuple[MessageRef, ...]


class Redrawn(Frozen):
    """What is to be redrawn, and what else must learn that nobody is asked any more."""

    messages: tuple[StandingCard, ...]
    alarms: tuple[Alarm, ...] = ()


async def show_pages(unit: Unit, job: ShowPages) -> None:
    """Owe every page of the incident its cards: what they offer depends on how it stands."""
    for page in await unit.pages.of(job.incident):
        await unit.pages.show(page)


async def load_page(unit: Unit, job: ShowPage) -> Redrawn | None:
    """The card as it is now, and everywhere it was sent."""
    page = await unit.pages.get(job.page)
    if page is None:
        return None
    sent = [one for one in await unit.pages.rings(page.id) if one.result == "sent"]
    alone = [one for one in sent if not one.bundle]
    refs = tuple(MessageRef.model_validate(one.ref) for one in alone if one.ref)
    card = StandingCard(message=page_card(await view_of_page(unit, page)), refs=refs)
    return Redrawn(
        messages=(card,), alarms=await alarms_of(unit, f"ring:{page.id}", (page,), alone)
    )


async def alarms_of(
    unit: Unit, name: str, pages: Sequence[Page], rings: Iterable[Ring]
) -> tuple[Alarm, ...]:
    """What rings on by itself outside though none of its pages asks anybody any more."""
    lasting = {one.key.rpartition(":")[2]: one for one in rings if one.method in LASTING}
    if not lasting or any(page.state == "sent" for page in pages):
        return ()
    settled: Settled = "over"
    for page in pages:
        incident = await unit.incidents.need(page.incident)
        settled = "acked" if page.state == "acked" and incident.open else settled
    given = [await unit.contacts.get(one) for one in lasting]
    return tuple(
        Alarm(kind=one.kind, address=one.address, name=name, settled=settled)
        for one in given
        if one and one.kind != "phone"
    )


async def redraw(ports: Ports, loaded: Redrawn) -> None:
    """Redraw all of it, what can be before what cannot; doing it twice is doing it once."""
    failed: Retry | Permanent | None = None
    for ref, message in [(ref, one.message) for one in loaded.messages for ref in one.refs]:
        try:
            await ports.chat(ref.platform).edit(ref, message)
        except (Retry, Permanent) as error:
            # what may still be redrawn comes again, whatever has gone for good beside it
            failed = error if failed is None or isinstance(error, Retry) else failed
    for alarm in loaded.alarms:
        try:
            await ports.settle(alarm)
        except (Retry, Permanent) as error:
            failed = error if failed is None or isinstance(error, Retry) else failed
    if failed:
        raise failed


async def view_of_page(unit: Unit, page: Page) -> PageView:
    """What the cards and letters of a page show."""
    incident = await unit.incidents.need(page.incident)
    person = await unit.people.need(page.user)
    ended_by = await unit.people.get(page.ended_by) if page.ended_by else None
    snoozed = await unit.pages.snoozed(incident.id)
    runbook = await unit.runbook_suggestions.of(incident)
    return PageView(
        page=page.model_copy(update={"next": _besides(person.name, page.next)}),
        incident=incident,
        zone=person.timezone,
        alerts=await unit.alerts.count(incident.id),
        services=len(await unit.alerts.services(incident.id)),
        change=await _changed_before(unit, incident),
        runbook=runbook.title if runbook else None,
        execution=await unit.safe_mode.executes(incident.team),
        ended_by=ended_by.name if ended_by else page.ended_by,
        rung_again_at=await _watched_until(unit, page, incident),
        snoozed_until=snoozed.due if snoozed and snoozed.job.user == page.user else None,
    )


async def _changed_before(unit: Unit, incident: Incident) -> Deployment | None:
    """What the incident's card names first, where it was half an hour before at most."""
    first = next(iter(await unit.suspects.of(incident)), None)
    return first.deployment if first and first.near else None


def _besides(name: str, following: str | None) -> str | None:
    """Whom the next step pages besides the reader, who cannot hand it to themselves."""
    others = [one for one in (following or "").split(", ") if one and one != name]
    return ", ".join(others) or None


async def _watched_until(unit: Unit, page: Page, incident: Incident) -> datetime | None:
    """When its person is rung again if nothing happens."""
    if page.ended_at is None or not incident.severity.major:
        return None
    return page.ended_at + await unit.catalog.ack_timeout(incident.policy)


SHOW_PAGES = Reaction(ShowPages, show_pages)
SHOW_PAGE = Effect(ShowPage, load_page, redraw)
