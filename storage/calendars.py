"""What was read from the calendars that are layers of schedules."""

from collections.abc import Iterable

from sqlalchemy import delete, select

from domain.calendar_layer import CalendarState
from domain.schedule import Layer, Schedule
from storage.rows import to_row
from storage.scope import Scope
from storage.tables.catalog import calendar_layers


class Calendars:
    """The newest state of each."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    async def of(self, schedule: str, layer: str) -> CalendarState | None:
        """A layer's calendar, once it was to be read."""
        same = (calendar_layers.c.schedule == schedule, calendar_layers.c.layer == layer)
        found = await self._where(*same)
        return next(iter(found), None)

    async def everything(self) -> tuple[CalendarState, ...]:
        """All of them, by schedule and layer."""
        return await self._where()

    async def keep(self, state: CalendarState) -> None:
        """Remember how a calendar stands."""
        made = self.scope.upsert(calendar_layers, "schedule", "layer")
        await self.scope.connection.execute(made, [to_row(state, calendar_layers)])

    async def forget(self, schedule: str, kept: Iterable[str] = ()) -> None:
        """Forget the calendars of a schedule but for those layers."""
        gone = (calendar_layers.c.schedule == schedule, calendar_layers.c.layer.not_in(set(kept)))
        await self.scope.connection.execute(delete(calendar_layers).where(*gone))

    async def _where(self, *where: object) -> tuple[CalendarState, ...]:
        query = select(calendar_layers).where(*where)  # type: ignore[arg-type] # clauses
        query = query.order_by(calendar_layers.c.schedule, calendar_layers.c.layer)
        rows = (await self.scope.connection.execute(query)).mappings()
        return tuple(CalendarState.model_validate(dict(row)) for row in rows)


def with_shifts(schedule: Schedule, states: Iterable[CalendarState]) -> Schedule:
    """The schedule with what was read from its calendars."""
    known = {(one.layer, one.source): one.shifts for one in states}
    layers = (_with(one, known.get((one.name, one.calendar or ""), ())) for one in schedule.layers)
    return schedule.model_copy(update={"layers": tuple(layers)})


def bare(schedule: Schedule) -> Schedule:
    """The schedule without what was read from its calendars."""
    layers = tuple(_with(one, ()) for one in schedule.layers)
    return schedule.model_copy(update={"layers": layers})


def _with(layer: Layer, shifts: object) -> Layer:
    return layer.model_copy(update={"shifts": shifts}) if layer.calendar else layer
