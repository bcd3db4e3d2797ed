"""The postmortem as a Markdown file, for wikis and repositories. Pure: values in, text out.

What people and alerts wrote reads as it was written: no markup, no link and no HTML comes of it.
Each sentence points to the entries of the timeline that bear it out, by their numbers.
"""

import re
from collections.abc import Iterator, Mapping

from domain.base import Frozen
from domain.plain import visible
from domain.postmortem import ActionItem, Postmortem
from domain.sentences import sentences
from domain.severity import Severity

TITLES = {
    "summary": "Summary",
    "impact": "Impact",
    "contributing_factors": "Contributing factors",
    "detection": "Detection",
    "resolution": "Resolution",
    "went_well": "What went well",
    "went_wrong": "What went wrong",
    "lucky": "Where we got lucky",
}
NOTHING = "Nothing written yet."
MARKUP = re.compile(r"[\\`*_{}\[\]<>#|~!&]|://|(?<=www)\.|^(?:[-+=]|\d+[.)])", re.MULTILINE)


class About(Frozen):
    """What its incident is called."""

    title: str
    severity: Severity
    service: str | None


def file_name(incident: str) -> str:
    """How the file is called."""
    return f"{incident}-postmortem.md"


def markdown(written: Postmortem, about: About) -> str:
    """The whole document."""
    number = {row.fact: n for n, row in enumerate(written.timeline, start=1)}
    blocks = [
        f"# Postmortem {written.incident}: {inert(about.title)}",
        _state(written, about),
        *_sections(written, number),
        "## Timeline",
        "\n".join(_timeline(written)) or NOTHING,
        "## Action items",
        "\n".join(map(_action, written.action_items)) or NOTHING,
    ]
    return "\n\n".join(blocks) + "\n"


def inert(text: str) -> str:
    """``text`` on one line, so that Markdown shows its characters and does nothing else."""
    line = " ".join(visible(text).split())
    return MARKUP.sub(lambda found: "".join(_escaped(one) for one in found[0]), line)


def _escaped(letter: str) -> str:
    return letter if letter.isalnum() else f"\\{letter}"


def _state(written: Postmortem, about: About) -> str:
    state = "published" if written.status == "published" else f"{written.status}, unreviewed"
    service = f" · {inert(about.service)}" if about.service else ""
    return f"{about.severity}{service} · {state} · written by {inert(written.written_by)}"


def _sections(written: Postmortem, number: Mapping[str, int]) -> Iterator[str]:
    for name, title in TITLES.items():
        value: str | tuple[str, ...] = getattr(written, name)
        yield f"## {title}"
        if isinstance(value, str):
            yield _cited(value, written, number) or NOTHING
        else:
            points = (f"- {_cited(point, written, number)}" for point in value)
            yield "\n".join(points) or NOTHING


def _cited(text: str, written: Postmortem, number: Mapping[str, int]) -> str:
    """``text`` with the numbers of the timeline's entries behind each sentence."""
    said = []
    for one in sentences(text, written.claims):
        cites = sorted(number[fact] for fact in one.cites if fact in number)
        proof = f" \\[{', '.join(map(str, cites))}\\]" if cites else ""
        said.append(f"{inert(one.text)}{proof}")
    return " ".join(said)


def _timeline(written: Postmortem) -> Iterator[str]:
    for number, row in enumerate(written.timeline, start=1):
        yield f"{number}. {row.at:%Y-%m-%d %H:%M:%S} UTC: {inert(row.text)}"


def _action(item: ActionItem) -> str:
    until = f", due {item.due:%Y-%m-%d}" if item.due else ""
    mark = "x" if item.status == "done" else " "
    named = "" if item.status == "suggested" else f"{item.id}: "
    owner = inert(item.owner) if item.owner else "nobody yet"
    return f"- [{mark}] {named}{inert(item.text)} ({owner}{until})"
