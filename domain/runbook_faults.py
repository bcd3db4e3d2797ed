"""What is wrong with a runbook beyond its shape, and where in it that stands."""

from collections.abc import Iterator
from typing import Any

from domain.base import Frozen
from domain.errors import Invalid
from domain.runbook import HOLE, SERVER, Parameter, Runbook, RunbookStep
from domain.runbook_values import NAMED, checked, fit_pattern

Place = tuple[str | int, ...]


class Fault(Frozen):
    """What is wrong with a runbook, and where in it."""

    place: Place
    text: str


def faults(runbook: Runbook) -> Iterator[Fault]:
    """What its shape alone does not show: names twice, parameters that are none, programs that
    somebody else would choose."""
    known = [one.name for one in runbook.parameters]
    for number, parameter in enumerate(runbook.parameters):
        if parameter.name in known[:number]:
            told = f"parameter {parameter.name} is there already"
            yield Fault(place=("parameters", number), text=told)
        yield from _parameter_faults(("parameters", number), parameter)
    for place, text in holes(runbook):
        if text not in known and not (text == SERVER and _is_for_each(runbook, place)):
            told = f"there is no parameter {text}" if text else "${} names no parameter"
            yield Fault(place=place, text=told)
    yield from _automatic_faults(runbook, known)
    yield from _statement_faults(runbook)
    for number, step in enumerate(runbook.steps):
        yield from _step_faults(("steps", number), step, known)


def _automatic_faults(runbook: Runbook, known: list[str]) -> Iterator[Fault]:
    rule = runbook.automatic
    for field, told in (
        {"given": rule.given, "from_labels": rule.from_labels}.items() if rule else ()
    ):
        for name in told:
            if name not in known:
                yield Fault(place=("automatic", field, name), text=f"there is no parameter {name}")


def _statement_faults(runbook: Runbook) -> Iterator[Fault]:
    """A value within a statement could become a part of it."""
    for place, text in holes(runbook):
        if place[-2] == "sql":
            told = f"write :{text} in the statement, and {text}: ${{{text}}} under its values"
            yield Fault(place=place, text=told)


def _is_for_each(runbook: Runbook, place: Place) -> bool:
    """Whether what stands there is done for one server after the other."""
    _, number, field, *_ = (*place, "")
    return bool(runbook.steps[int(number)].for_each) and field not in ("gate", "for_each", "when")


def _parameter_faults(place: Place, parameter: Parameter) -> Iterator[Fault]:
    try:
        if parameter.pattern:
            fit_pattern(parameter.pattern)
    except Invalid as wrong:
        yield Fault(place=(*place, "pattern"), text=wrong.text)
        return
    if parameter.default is not None and parameter.type not in NAMED:
        try:
            checked((parameter,), {})
        except Invalid as wrong:
            yield Fault(place=(*place, "default"), text=wrong.text)


def _step_faults(place: Place, step: RunbookStep, known: list[str]) -> Iterator[Fault]:
    for name in step.when:
        if name not in known:
            yield Fault(place=(*place, "when", name), text=f"there is no parameter {name}")
    if step.for_each and SERVER in known:
        told = "${server} stands for each server of a group: name the parameter otherwise"
        yield Fault(place=(*place, "for_each"), text=told)
    for number, inner in enumerate(step.parallel or ()):
        yield from _step_faults((*place, "parallel", number), inner, known)
    yield from _program_faults(place, step)


def _program_faults(place: Place, step: RunbookStep) -> Iterator[Fault]:
    parts = {(): step, ("undo",): step.undo, ("verify",): step.verify, ("gate",): step.gate}
    for below, action in parts.items():
        if action and action.command and HOLE.search(action.command[0]):
            told = "which program is run is written here, and no parameter"
            yield Fault(place=(*place, *below, "command", 0), text=told)


def holes(runbook: Runbook) -> Iterator[tuple[Place, str]]:
    """Every ``${name}`` of its steps and where it stands."""
    for number, step in enumerate(runbook.steps):
        for place, text in texts(step.model_dump(exclude_none=True), ("steps", number)):
            for found in HOLE.finditer(text):
                if not found[1]:
                    yield place, found[2]


def texts(value: Any, place: Place = ()) -> Iterator[tuple[Place, str]]:
    """Every text within ``value`` and where it stands."""
    if isinstance(value, str):
        yield place, value
    elif isinstance(value, dict):
        for key, below in value.items():
            yield from texts(below, (*place, key))
    elif isinstance(value, list | tuple):
        for number, below in enumerate(value):
            yield from texts(below, (*place, number))
