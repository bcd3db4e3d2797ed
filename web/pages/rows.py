"""From views to rows: ids become names, and nothing is added that a view did not give."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from domain.message import Option, Spans, moment, spans
from domain.postmortem import ActionItem
from domain.when import in_words
from storage.postmortems import ActionItem as AdoptedItem
from storage.views.alerts import AlertView
from storage.views.incidents import IncidentView
from storage.views.oncall import OnCallView
from storage.views.pages import PageView
from web.pages.models import ActionItemRow, AlertRow, IncidentRow, OnCallNow, Person

Names = Mapping[str, str]
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def person(handle: str, names: Names, role: str = "") -> Person:
    """Somebody by handle; an unknown handle is its own name."""
    return Person(id=handle, name=names.get(handle, handle), role=role)


def somebody(handle: str | None, names: Names) -> Person | None:
    """Somebody, where there is one."""
    return person(handle, names) if handle else None


def incident_row(one: IncidentView, names: Names, **more: Any) -> IncidentRow:
    """A row of an incident list."""
    told = {name: getattr(one, name) for name in IncidentRow.model_fields if hasattr(one, name)}
    return IncidentRow(**{**told, "commander": somebody(one.commander, names), **more})


def alert_row(one: AlertView, **more: Any) -> AlertRow:
    """A row of an alert list."""
    told = {name: getattr(one, name) for name in AlertRow.model_fields if hasattr(one, name)}
    decided = {
        "verdict": one.verdict.action if one.verdict else "",
        "reason": one.verdict.reason if one.verdict else "",
        "labels": tuple(sorted(one.labels.items())),
    }
    return AlertRow(**{**told, **decided, **more})


def action_item_row(
    one: ActionItem | AdoptedItem, names: Names, now: datetime, **more: Any
) -> ActionItemRow:
    """A row of action items."""
    late = one.status == "open" and one.due is not None and one.due < now
    return ActionItemRow(
        id=one.id,
        text=one.text,
        owner=somebody(one.owner, names),
        due=one.due,
        status=one.status,
        overdue=late,
        **more,
    )


def on_call_now(one: OnCallView) -> OnCallNow:
    """Who is on call for a schedule."""
    following = one.next.user if one.next else None
    return OnCallNow(
        schedule=one.name,
        people=tuple(Person(id=each.user, name=each.name) for each in one.on_call),
        until=next((each.until for each in one.on_call), None),
        next=Person(id=following, name=one.next.name) if one.next and following else None,
    )


def waiting(one: IncidentView, ringing: tuple[PageView, ...], names: Names, now: datetime) -> Spans:
    """What happens next by itself; empty where nothing does."""
    mine = [page for page in ringing if page.incident == one.id]
    if mine:
        return _unanswered(mine, names)
    due = one.next_update_at
    if due is None or not one.open:
        return ()
    told = "An update was due at " if due < now else "The next update is due at "
    return spans(told, moment(due))


def lasting(length: timedelta) -> str:
    """How long, in words: whole minutes below an hour, ``1 h 20 m`` and the like above."""
    minutes = round(length / MINUTE)
    return f"{minutes} min" if MINUTE <= length < HOUR else in_words(length)


def options(*values: str) -> tuple[Option, ...]:
    """Choices that are called as they are written."""
    return tuple(Option(value=value, label=value) for value in values)


def _unanswered(pages: list[PageView], names: Names) -> Spans:
    people = " and ".join(dict.fromkeys(names.get(page.user, page.user) for page in pages))
    verb = "have" if " and " in people else "has"
    last = pages[-1]
    if not last.next or last.next_at is None:
        return spans(f"{people} {verb} not answered yet.")
    are = "are" if "," in last.next else "is"
    told = f"{people} {verb} not answered yet. {last.next} {are} paged at "
    return spans(told, moment(last.next_at), ".")
