"""Classification by rules: how bad, how urgent, what kind of service, which symptoms, and why.

It answers at once and alone; a model may refine the answer later but never lowers it.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

from domain.alert import Signal
from domain.base import Frozen
from domain.lexicon import CATEGORIES, EMPTY, FELT, GRAVE, LIGHT, NAMES, SYMPTOMS
from domain.severity import Severity
from domain.urgency import Meaning, Urgency, meaning

SERVICE_LABELS = (
    "service", "service_name", "app", "application", "app_kubernetes_io_name", "component",
)  # fmt: skip
LONGEST = 20_000


class Subject(Frozen):
    """What is classified: a title, the text beneath it, and what the sender says outright."""

    title: str
    text: str = ""
    service: str | None = None
    severity: str = ""


class Classification(Frozen):
    """The answer, with a reason for each of its fields; ``by`` is ``rules`` or a model's name.

    ``category`` is one of `domain.lexicon.CATEGORIES`; ``symptoms`` are those of `SYMPTOMS`, or
    OTHERS alone.
    """

    severity: Severity
    urgency: Urgency
    service: str | None
    category: str
    symptoms: tuple[str, ...]
    reasons: dict[str, str]
    by: str = "rules"


def classify(subject: Subject) -> Classification:
    """Classify by rules."""
    said = meaning(subject.severity)
    severity, why_severity = _severity(said, subject)
    category, why_category = category_of(subject)
    symptoms, why_symptoms = symptoms_of(subject)
    return Classification(
        severity=severity,
        urgency=said.urgency,
        service=subject.service,
        category=category,
        symptoms=symptoms,
        reasons={
            "severity": why_severity,
            "urgency": said.reason,
            "service": "the sender names it" if subject.service else "the sender names none",
            "category": why_category,
            "symptoms": why_symptoms,
        },
    )


def subject_of(signal: Signal) -> Subject:
    """A signal as something to classify."""
    labels = (signal.labels.get(name) for name in SERVICE_LABELS)
    service = signal.service or next(filter(None, labels), None)
    texts = dict.fromkeys((signal.summary, signal.annotations.get("description", "")))
    return Subject(
        title=apart(signal.name),
        text="\n".join(filter(None, texts)),
        service=service,
        severity=signal.severity,
    )


def category_of(subject: Subject) -> tuple[str, str]:
    """The kind of service, and why: the service's name decides, then the title, then the text."""
    for where, text in (
        ("service", subject.service or ""),
        ("title", subject.title),
        ("text", subject.text[:LONGEST]),
    ):
        if found := _first_named(text):
            category, word = found
            return category, f"the {where} says {word!r}"
    return "others", "nothing names a kind of service"


def symptoms_of(subject: Subject) -> tuple[tuple[str, ...], str]:
    """The symptoms, and why: from the title and the sentences that say what was felt."""
    text = f"{subject.title}. {_felt(subject.text[:LONGEST])}"
    found = {name: hit[0] for name, pattern in SYMPTOM.items() if (hit := pattern.search(text))}
    if not found:
        return ("OTHERS",), "no symptom is named"
    return tuple(found), "named: " + ", ".join(found.values())


def severity_of(subject: Subject) -> tuple[Severity, str]:
    """How bad the words sound where the sender says nothing, and why."""
    if hit := IS_LIGHT.search(subject.title):
        return Severity.SEV5, f"the title says {hit[0]!r}"
    if hit := IS_GRAVE.search(f"{subject.title}. {subject.text[:LONGEST]}"):
        return Severity.SEV2, f"the text says {hit[0]!r}"
    return Severity.SEV4, "nothing sounds grave"


def apart(name: str) -> str:
    """``TrinoQueryFailures`` and ``trino_query_failures`` in words."""
    return CAMEL.sub(" ", name).replace("_", " ")


def _severity(said: Meaning, subject: Subject) -> tuple[Severity, str]:
    """An unknown word is never taken lightly: its own SEV3 stands unless the text is graver."""
    if said.known:
        return said.severity, said.reason
    guess, why = severity_of(subject)
    if guess.worse_than(said.severity):
        return guess, f"{said.reason}; {why}"
    return said.severity, said.reason


@lru_cache(maxsize=4096)
def _first_named(text: str) -> tuple[str, str] | None:
    hits = [(hit, name) for name, pattern in CATEGORY.items() if (hit := pattern.search(text))]
    if not hits:
        return None
    hit, name = min(hits, key=lambda one: (one[0].start(), -one[0].end()))
    return name, hit[0]


def _felt(text: str) -> str:
    sentences = [IS_NAME.sub("", one) for one in SENTENCE.split(text)]
    telling = [one for one in sentences if not IS_EMPTY.search(one)]
    return " ".join([one for one in telling if IS_FELT.search(one)] or telling)


def _words(fragments: Iterable[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(fragments)})\b", re.IGNORECASE)


CATEGORY = {name: _words(fragments) for name, fragments in CATEGORIES.items()}
SYMPTOM = {name: _words(fragments) for name, fragments in SYMPTOMS.items()}
IS_FELT, IS_EMPTY, IS_NAME = _words(FELT), _words(EMPTY), _words(NAMES)
IS_GRAVE, IS_LIGHT = _words(GRAVE), _words(LIGHT)
SENTENCE = re.compile(r"(?<=[.!?])\s+|\n+")
CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
