"""Runbooks for a reader: they belong to no incident, so every member may read them."""

from typing import Any

from sqlalchemy import select

from domain.base import Frozen
from domain.errors import NotFound
from domain.runbook import Parameter, Runbook, RunbookStep, Safety, Source, class_of
from domain.runbook_plan import told
from storage.scope import Scope
from storage.tables import catalog
from storage.views.listing import FIRST, Cut, Listing, Order, part


class StepView(Frozen):
    """A step as it is written: what kind it is, how dangerous, and what it does (``told``), as
    are what checks it (``verify_by``) and what takes it back (``undo_by``). ``server`` is where its
    commands run, ``each`` the group whose servers it is done for."""

    name: str
    kind: str
    safety: Safety
    undo: bool
    told: str
    server: str | None
    each: str | None
    verify_by: str
    undo_by: str
    when: dict[str, str]

    @property
    def in_short(self) -> str:
        """Its class, as a reader sees it."""
        return class_of(self.kind, self.safety)


class RunbookView(Frozen):
    """A runbook; ``managed_by`` is the file it comes from, ``source`` the page that it was taken
    over from, ``version`` a hash of all of it."""

    id: str
    title: str
    service: str | None
    environment: str
    version: str
    managed_by: str | None
    source: Source | None
    parameters: tuple[Parameter, ...]
    steps: tuple[StepView, ...]
    body: str


async def listed(scope: Scope, cut: Cut = FIRST) -> Listing[RunbookView]:
    """The runbooks, by id."""
    table = catalog.runbooks
    found = await part(scope, select(table), Order(table.c.id, descending=False), cut)
    return Listing(items=tuple(_of_row(row) for row in found.rows), next=found.next)


async def shown(scope: Scope, key: str) -> RunbookView:
    """One runbook. Raises `NotFound`."""
    query = select(catalog.runbooks).where(catalog.runbooks.c.id == key)
    row = (await scope.connection.execute(query)).mappings().first()
    if row is None:
        raise NotFound(f"There is no runbook {key}: see /runbook list.")
    return _of_row(row)


def view_of(runbook: Runbook, managed_by: str | None) -> RunbookView:
    """The runbook as the API shows it."""
    kept = runbook.model_dump(include={"id", "title", "service", "environment", "body"})
    return RunbookView(
        **kept,
        version=runbook.version,
        managed_by=managed_by,
        parameters=runbook.parameters,
        source=runbook.source,
        steps=tuple(map(_step, runbook.steps)),
    )


def _step(one: RunbookStep) -> StepView:
    return StepView(
        name=one.name,
        kind=_kind(one),
        safety=one.danger,
        undo=one.undo is not None,
        told=_told(one),
        server=one.server,
        each=one.for_each,
        verify_by=told(one.verify) if one.verify else "",
        undo_by=told(one.undo) if one.undo else "",
        when=one.when,
    )


def _kind(one: RunbookStep) -> str:
    return "call" if one.call else "parallel" if one.parallel else one.kind


def _told(one: RunbookStep) -> str:
    """What it does, with the names of parameters where their values will be."""
    if one.call:
        given = "".join(f" {name}={value}" for name, value in one.given.items())
        return f"run the runbook {one.call}{given}"
    if one.parallel:
        return "\n".join(f"{each.name}: {_told(each)}" for each in one.parallel)
    return one.manual or told(one)


def _of_row(row: Any) -> RunbookView:
    return view_of(Runbook.model_validate(row["doc"]), row["managed_by"])
