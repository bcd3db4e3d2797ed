"""Runbooks for a reader: they belong to no incident, so every member may read them."""

from typing import Any

from sqlalchemy import select

from domain.base import Frozen
from domain.errors import NotFound
from domain.runbook import Parameter, Runbook, Safety
from storage.scope import Scope
from storage.tables import catalog
from storage.views.listing import FIRST, Cut, Listing, Order, part


class StepView(Frozen):
    """A step as it is written: what kind it is, and how dangerous."""

    name: str
    kind: str
    safety: Safety
    undo: bool


class RunbookView(Frozen):
    """A runbook; ``managed_by`` is the file it comes from, ``version`` a hash of all of it."""

    id: str
    title: str
    service: str | None
    environment: str
    version: str
    managed_by: str | None
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
    steps = tuple(
        StepView(
            name=one.name,
            kind="call" if one.call else one.kind,
            safety=one.danger,
            undo=one.undo is not None,
        )
        for one in runbook.steps
    )
    told = runbook.model_dump(include={"id", "title", "service", "environment", "body"})
    return RunbookView(
        **told,
        version=runbook.version,
        managed_by=managed_by,
        parameters=runbook.parameters,
        steps=steps,
    )


def _of_row(row: Any) -> RunbookView:
    return view_of(Runbook.model_validate(row["doc"]), row["managed_by"])
