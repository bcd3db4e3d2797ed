"""The cards of a page: how they look now, and where they are redrawn."""

from domain.base import Frozen
from domain.errors import Permanent, Retry
from domain.incident_jobs import ShowPages
from domain.message import Message
from domain.page_card import PageView, page_card
from domain.paging import ACK_TIMEOUT, Page, ShowPage
from domain.ports import MessageRef
from jobs.registry import Effect, Ports, Reaction
from storage.unit import Unit


class Shown(Frozen):
    """A page's card, and everywhere it stands."""

    message: Message
    refs: tuple[MessageRef, ...]


async def show_pages(unit: Unit, job: ShowPages) -> None:
    """Owe every page of the incident its cards: what they offer depends on how it stands."""
    for page in await unit.pages.of(job.incident):
        await unit.jobs.add(ShowPage(page=page.id), key=f"~page:{page.id}")


async def load_page(unit: Unit, job: ShowPage) -> Shown | None:
    """The card as it is now, and everywhere it was sent."""
    page = await unit.pages.get(job.page)
    if page is None:
        return None
    rings = [one for one in await unit.pages.rings(page.id) if one.result == "sent" and one.ref]
    refs = tuple(MessageRef.model_validate(ring.ref) for ring in rings)
    return Shown(message=page_card(await view_of_page(unit, page)), refs=refs)


async def act_page(ports: Ports, loaded: Shown) -> None:
    """Redraw every ring of the page, those that can be before one that cannot; doing it twice is
    doing it once."""
    failed: Retry | Permanent | None = None
    for ref in loaded.refs:
        try:
            await ports.chat(ref.platform).edit(ref, loaded.message)
        except (Retry, Permanent) as error:
            failed = failed or error
    if failed:
        raise failed


async def view_of_page(unit: Unit, page: Page) -> PageView:
    """What the cards and letters of a page show."""
    incident = await unit.incidents.need(page.incident)
    person = await unit.people.need(page.user)
    ended_by = await unit.people.get(page.ended_by) if page.ended_by else None
    again = page.ended_at + ACK_TIMEOUT if page.ended_at and incident.severity.major else None
    runbook = await unit.catalog.runbook_of(incident.service)
    return PageView(
        page=page,
        incident=incident,
        zone=person.timezone,
        alerts=await unit.alerts.count(incident.id),
        services=len(await unit.alerts.services(incident.id)),
        change=await unit.catalog.change_before(incident.service, incident.impact_started_at),
        runbook=runbook.title if runbook else None,
        execution=unit.installation.execution,
        ended_by=ended_by.name if ended_by else page.ended_by,
        rung_again_at=again,
    )


SHOW_PAGES = Reaction(ShowPages, show_pages)
SHOW_PAGE = Effect(ShowPage, load_page, act_page)
