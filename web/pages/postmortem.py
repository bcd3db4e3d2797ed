"""``/incidents/INC-42/postmortem``: the document, each sentence beside its evidence."""

from collections.abc import Iterator

from domain.base import Frozen
from domain.sentences import Sentence, sentences
from domain.timeline import TimelineEntry
from storage.views import incidents, people, postmortems
from storage.views.incidents import IncidentView
from storage.views.listing import Cut
from storage.views.postmortems import PostmortemView
from web.pages.models import Action, ActionItemRow, IncidentRow
from web.pages.offers import Face, Offers
from web.pages.rows import Names, action_item_row, incident_row
from web.pages.visit import Visit

PATH = "/incidents/{incident}/postmortem"
TITLE = "Postmortem"
UNDER = "postmortems"

SECTIONS = {
    "summary": "Summary",
    "impact": "Impact",
    "contributing_factors": "Contributing factors",
    "detection": "Detection",
    "resolution": "Resolution",
    "went_well": "What went well",
    "went_wrong": "What went wrong",
    "lucky": "Where we got lucky",
}
WHOLE = Cut(limit=500)


class Section(Frozen):
    """A part of the document: one paragraph, or a list of ``points``."""

    anchor: str
    title: str
    parts: tuple[tuple[Sentence, ...], ...]
    points: bool
    actions: tuple[Action, ...]


class PostmortemPage(Frozen):
    """``unproved`` counts the sentences that nothing in the timeline bears out, ``questions``
    the gaps that people are to fill."""

    incident: IncidentRow
    status: str
    written_by: str
    sections: tuple[Section, ...]
    unproved: int
    questions: int
    timeline: tuple[TimelineEntry, ...]
    action_items: tuple[ActionItemRow, ...]
    actions: tuple[Action, ...]


async def page(visit: Visit) -> PostmortemPage:
    """The postmortem as it stands. Raises `NotFound`."""
    scope, viewer, key = visit.scope, visit.viewer, visit.path["incident"]
    written = await postmortems.shown(scope, viewer, key)
    incident = await incidents.shown(scope, viewer, key)
    names = await people.names(scope)
    offers = visit.offers(incident.team)
    sections = tuple(_section(written, name, offers) for name in SECTIONS)
    said = [one for section in sections for part in section.parts for one in part]
    return PostmortemPage(
        incident=incident_row(incident, names),
        status=written.status,
        written_by=written.written_by,
        sections=sections,
        unproved=sum(not one.cites and not one.question for one in said),
        questions=sum(one.question for one in said),
        timeline=(await incidents.timeline(scope, viewer, key, WHOLE)).items,
        action_items=tuple(_items(visit, written, offers, names)),
        actions=_actions(incident, written, offers),
    )


def _section(written: PostmortemView, name: str, offers: Offers) -> Section:
    value: str | tuple[str, ...] = getattr(written, name)
    text = value if isinstance(value, str) else "\n".join(value)
    target = f"{written.incident},{name}"
    return Section(
        anchor=name.replace("_", "-"),
        title=SECTIONS[name],
        parts=tuple(tuple(sentences(part, written.claims)) for part in _parts(value)),
        points=not isinstance(value, str),
        actions=offers.ask("postmortem edit", target, EDIT, {"text": text}),
    )


def _parts(value: str | tuple[str, ...]) -> tuple[str, ...]:
    return (value,) if isinstance(value, str) else value


def _items(
    visit: Visit, written: PostmortemView, offers: Offers, names: Names
) -> Iterator[ActionItemRow]:
    for item in written.action_items:
        actions: tuple[Action, ...] = ()
        if item.status == "open":
            actions = offers.press("postmortem done", item.id, DONE)
        elif item.status == "suggested":
            given = {"text": item.text}
            actions = offers.ask("postmortem action", written.incident, ADOPT, given)
        yield action_item_row(item, names, visit.now, actions=actions)


def _actions(incident: IncidentView, written: PostmortemView, offers: Offers) -> tuple[Action, ...]:
    publish = offers.press("postmortem publish", incident.id, PUBLISH)
    return (
        *(publish if written.status != "published" else ()),
        *offers.ask("postmortem action", incident.id, ADD),
    )


EDIT = Face(label="Edit…", icon="note")
DONE = Face(label="Done", icon="check")
ADOPT = Face(label="Adopt…", icon="plus")
ADD = Face(label="Add action item…", icon="plus")
PUBLISH = Face(
    label="Publish",
    style="primary",
    confirm="Publish it to everybody who may see the incident?",
)
