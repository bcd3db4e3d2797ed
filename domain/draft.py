"""A model's draft, sentence by sentence against the facts: what is not carried is dropped."""

import re
from collections.abc import Iterable, Mapping

from domain.answers import PostmortemAnswer, Sentence
from domain.base import Frozen
from domain.blameless import Finding, blameless
from domain.postmortem import RULES, Claim, Digest, Line, Postmortem, durations, stated
from domain.skeleton import SECTIONS, assemble, changed_just_before, changes_near, skeleton_parts

NUMBER = re.compile(r"\d+(?:[.,:]\d+)*(?:\s?%)?")
MOST_ALERTS = 20


class Briefing(Frozen):
    """What a model is told: ``timeline`` with one line per fact (F1, F2 …), and ``figures``."""

    timeline: str
    figures: str


class Dropped(Frozen):
    """A sentence that was left out, and why."""

    sentence: str
    reason: str


class Checked(Frozen):
    """The sentences that facts carry, with fact ids, and those that were left out."""

    kept: tuple[Claim, ...]
    dropped: tuple[Dropped, ...]


class Draft(Frozen):
    """A checked postmortem, what was left out of the model's, and phrases to look at."""

    postmortem: Postmortem
    dropped: tuple[Dropped, ...]
    findings: tuple[Finding, ...]


def briefing(digest: Digest) -> Briefing:
    """The digest in words, before redaction. Long ids become F1, F2 … to spare tokens."""
    lines = (
        f"{ref} {line.entry.at:%H:%M:%S} {' '.join(line.text.split())}"
        for ref, line in _refs(digest).items()
    )
    return Briefing(timeline="\n".join(lines), figures="\n".join(_figures(digest)))


def from_answer(answer: PostmortemAnswer, digest: Digest, model: str) -> Draft:
    """The model's sections as far as facts carry them; the rule writer's where nothing is left.

    ``written_by`` is ``model`` as soon as one of its sentences stands.
    """
    checked = {name: check(getattr(answer, name), digest) for name in SECTIONS}
    by_rules = skeleton_parts(digest)
    parts = {name: checked[name].kept or by_rules[name] for name in SECTIONS}
    wrote = any(section.kept for section in checked.values())
    postmortem = assemble(digest, parts, model if wrote else RULES)
    return Draft(
        postmortem=postmortem,
        dropped=tuple(one for section in checked.values() for one in section.dropped),
        findings=tuple(found for claim in postmortem.claims for found in blameless(claim.sentence)),
    )


def check(sentences: Iterable[Sentence], digest: Digest) -> Checked:
    """Keep a sentence only if it cites lines of ``digest``, guesses nothing, and every number in
    it stands in a cited line or in the figures."""
    refs, figures = _refs(digest), _numbers("\n".join(_figures(digest)))
    kept, dropped = [], []
    for sentence in sentences:
        cited = [refs[cite] for cite in dict.fromkeys(sentence.cites) if cite in refs]
        if reason := _unsupported(sentence.text, cited, figures):
            dropped.append(Dropped(sentence=sentence.text, reason=reason))
        else:
            kept.append(stated(sentence.text, cited))
    return Checked(kept=tuple(kept), dropped=tuple(dropped))


def _unsupported(text: str, cited: list[Line], figures: frozenset[str]) -> str | None:
    """Why ``text`` may not stand; None where it may."""
    if not text:
        return "it is empty"
    if not cited:
        return "it cites nothing that is in the timeline"
    known = figures.union(*(_numbers(f"{one.entry.at:%H:%M:%S} {one.text}") for one in cited))
    unknown = sorted(_numbers(text) - known)
    if unknown:
        return f"the facts it cites do not say {', '.join(unknown)}"
    if any(finding.kind == "guess" for finding in blameless(text)):
        return "it states a guess"
    return None


def _refs(digest: Digest) -> Mapping[str, Line]:
    return {f"F{n}": line for n, line in enumerate(digest.lines, 1)}


def _figures(digest: Digest) -> list[str]:
    """Computed values a model may use as they stand."""
    incident = digest.incident
    took = durations(incident).model_dump(exclude_none=True)
    return [
        f"{incident.id} {incident.severity.value} service {incident.service or 'unknown'}",
        f"title: {' '.join(incident.title.split())}",
        f"declared {incident.declared_at:%Y-%m-%d %H:%M} UTC",
        *(f"time to {name}: {length['words']}" for name, length in took.items()),
        f"alerts: {len(digest.alerts)}",
        *(
            f"alert {one.name}: {' '.join(one.summary.split())}"
            for one in digest.alerts[:MOST_ALERTS]
        ),
        *(changed_just_before(digest, change) for change in changes_near(digest)),
        *(f"runbook linked: {title}" for title in digest.runbooks),
    ]


def _numbers(text: str) -> frozenset[str]:
    """The numbers of ``text``, shares apart from counts; a time counts without its seconds too."""
    found = [number.replace(" ", "") for number in NUMBER.findall(text)]
    return frozenset(found) | {one[:5] for one in found if one.count(":") == 2}
