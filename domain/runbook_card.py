"""A runbook and its exact plan, as people read them."""

import re

from domain.message import Code, Context, Header, Message, Node, Text, bold, code, spans
from domain.plain import exact
from domain.runbook import Parameter, Runbook, RunbookStep, class_of
from domain.runbook_plan import RunPlan
from domain.when import in_words

MOST_BODY = 2500
MOST_PLAN = 2500
STEP_FENCE = re.compile(r"^(`{3,}|~{3,}) *yaml +step *\n.*?(?:^\1 *$|\Z)", re.DOTALL | re.MULTILINE)


def runbook_card(runbook: Runbook, managed_by: str | None) -> Message:
    """What it is about, what it has to be told, and its steps."""
    words = STEP_FENCE.sub("", runbook.body).strip()
    nodes: list[Node] = [Header(text=runbook.title)]
    if words:
        nodes.append(Code(text=shortened(words, MOST_BODY)))
    for number, step in enumerate(runbook.steps, 1):
        nodes.append(Text(spans=spans(bold(f"{number}. {step.name}"), f" ({_what(step)})")))
    if runbook.parameters:
        asked = "; ".join(_asked(one) for one in runbook.parameters)
        nodes.append(Text(spans=spans(f"It is told: {asked}")))
    if rule := runbook.automatic:
        limits = f"at most {rule.most_per_hour} an hour, {in_words(rule.cool_down)} apart"
        told = f"It may run by itself where an alert fits {rule.match}: {limits}"
        nodes.append(Text(spans=spans(told)))
    nodes.append(Context(spans=spans(code(runbook.id), _about(runbook, managed_by))))
    return Message(nodes=tuple(nodes))


def plan_message(plan: RunPlan) -> Message:
    """Exactly what a run with these values would do."""
    head = Header(text=f"What {plan.runbook} would do", tone="info")
    return Message(nodes=(head, Code(text=shortened(plan.text, MOST_PLAN))))


def shortened(text: str, most: int) -> str:
    """Nothing hidden in it, and what is left out is counted."""
    told = exact(text)
    left = len(told) - most
    return f"{told[:most]}\n[truncated, {left} more characters]" if left > 0 else told


def _about(runbook: Runbook, managed_by: str | None) -> str:
    parts = [f"version {runbook.version}", runbook.environment]
    parts += [runbook.service] if runbook.service else []
    parts += [f"from {managed_by}"] if managed_by else []
    if runbook.source:
        parts.append(f"from {runbook.source.url}, {runbook.source.at:%F}")
    return f" · {' · '.join(parts)}"


def _what(step: RunbookStep) -> str:
    by_hand = class_of(step.kind, step.danger)
    how = by_hand if by_hand != step.danger else f"{step.kind}, {step.danger}"
    what = f"calls {step.call}" if step.call else how
    each = f", for each of {step.for_each}" if step.for_each else ""
    return what + each + (", can be undone" if step.undo else "")


def _asked(one: Parameter) -> str:
    takes = " or ".join(one.choices) or one.pattern or one.type
    usual = f", {one.default} when left out" if one.default is not None else ""
    why = f": {one.description}" if one.description else ""
    return f"{one.name} ({takes}{usual}){why}"
