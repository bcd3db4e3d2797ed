"""Runbooks from elsewhere: a page is fetched, becomes a checklist, and somebody is told."""

from domain.checklist import ImportedPage, NotAdopted, adopted, differs
from domain.errors import Permanent
from domain.late_answer import LateAnswer
from domain.page_card import counted
from domain.runbook_jobs import FetchRunbook, RunbookImported
from jobs.registry import Effect, Ports
from storage.unit import Unit

Fetched = ImportedPage | str


async def load(unit: Unit, job: FetchRunbook) -> str | None:
    """The address; None in safe mode."""
    return None if await unit.safe_mode.current() else job.url


async def act(ports: Ports, url: str) -> Fetched:
    """The page, or why there is none."""
    try:
        return await ports.page(url)
    except Permanent as refusal:
        return str(refusal)


async def save(unit: Unit, job: FetchRunbook, fetched: Fetched) -> None:
    """Take it over, and owe the answer."""
    key, text = f"import:{unit.ids.new()}", await _taken_over(unit, job, fetched)
    told = LateAnswer(key=key, text=text, user=job.user, place=job.place)
    await unit.jobs.add(told, key=f"tell:{key}")


async def _taken_over(unit: Unit, job: FetchRunbook, fetched: Fetched) -> str:
    if isinstance(fetched, str):
        return f"{job.url} is not taken over: {fetched}."
    shelf = unit.catalog.runbooks
    present = await shelf.present()
    page = fetched.model_copy(update={"url": job.url})
    try:
        made = adopted(page, present, unit.now, job.service)
    except NotAdopted as refusal:
        return f"{job.url} is not taken over: {refusal}."
    if not differs(made, present):
        return f"{made.id} stands as it did: nothing has changed at {job.url}."
    await shelf.put(made)
    fact = RunbookImported(runbook=made.id, source=job.url, sha256=page.sha256)
    with unit.acting_for(job.user):
        await unit.facts.add(f"runbook:{made.id}", fact)
    count = f"{counted(len(made.steps), 'step')} for people" if made.steps else "text to follow"
    verb = "changed" if made.id in present else "taken over"
    return f"{made.id} is {verb}: {made.title}, {count}. See /runbook show {made.id}"


async def lost(unit: Unit, job: FetchRunbook, error: str) -> None:
    """It went wrong in a way nobody expected."""
    await save(unit, job, error)


FETCH_RUNBOOK = Effect(FetchRunbook, load, act, save, lost)
