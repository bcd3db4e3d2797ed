"""What a model's reading may change: labels. It wakes nobody, silences nothing, lowers nothing."""

from collections.abc import Collection

from domain.answers import ClassifyAnswer
from domain.base import Frozen
from domain.severity import Severity


class Labels(Frozen):
    """What the rules said; their severity is the floor."""

    severity: Severity
    service: str | None = None
    category: str | None = None
    symptoms: tuple[str, ...] = ()


class Refinement(Frozen):
    """The labels after a model's reading, which of them changed, and what it proposes.

    ``labels.severity`` is always the rules'. ``proposed_severity`` is a button for a person, or
    None. ``summary`` is the model's one line. ``reason`` says all of this in a sentence.
    """

    labels: Labels
    changed: tuple[str, ...]
    proposed_severity: Severity | None
    summary: str
    reason: str


def merge(rules: Labels, answer: ClassifyAnswer, services: Collection[str]) -> Refinement:
    """Take from ``answer`` what a model may say (rules.md 12).

    Category and symptoms are labels and follow the model. A service is filled in only where the
    rules found none and ``services`` (the known names) has it. A severity worse than the rules'
    becomes a proposal; any other is ignored.
    """
    named = _service(rules, answer, services)
    labels = Labels(
        severity=rules.severity,
        service=named,
        category=answer.category,
        symptoms=tuple(dict.fromkeys(answer.symptoms)),
    )
    changed = tuple(
        name
        for name in ("service", "category", "symptoms")
        if getattr(labels, name) != getattr(rules, name)
    )
    raises = answer.severity.worse_than(rules.severity)
    return Refinement(
        labels=labels,
        changed=changed,
        proposed_severity=answer.severity if raises else None,
        summary=answer.summary,
        reason="; ".join((_on_severity(rules, answer), _on_service(rules, answer, named))),
    )


def in_force(rules: Severity, proposed: Severity | None, *, may_wake: bool) -> Severity:
    """The severity that counts until a person decides.

    The rules', unless ``llm.may_wake`` is on: then at most one step worse.
    """
    if proposed is None or not may_wake or not proposed.worse_than(rules):
        return rules
    return Severity(f"SEV{rules.level - 1}")


def _service(rules: Labels, answer: ClassifyAnswer, services: Collection[str]) -> str | None:
    if rules.service is None and answer.service in services:
        return answer.service
    return rules.service


def _on_severity(rules: Labels, answer: ClassifyAnswer) -> str:
    said, floor = answer.severity.value, rules.severity.value
    if answer.severity.worse_than(rules.severity):
        return f"proposes {said}, rules say {floor}"
    if rules.severity.worse_than(answer.severity):
        return f"said {said}, a model never lowers {floor}"
    return f"agrees on {floor}"


def _on_service(rules: Labels, answer: ClassifyAnswer, named: str | None) -> str:
    if answer.service == named:
        return f"service {named}" if named else "no service named"
    if rules.service is not None:
        return f"service stays {rules.service}, found by rules"
    return "the service it named is not known here"
