"""A runbook becomes a plan: values put in, calls opened up, each server of a group named."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from domain.errors import Invalid, NotFound
from domain.runbook import SERVER, Action, Gate, Runbook, RunbookStep
from domain.runbook_plan import PlannedStep, RunPlan
from domain.runbook_values import Known, Values, checked, fill, filled
from domain.server import Server, route_to

DEEPEST = 5
MOST_STEPS = 200
NO_SERVERS: Mapping[str, Server] = {}
STEP_ONLY = {*RunbookStep.model_fields} - {*Action.model_fields}


def render(
    runbook: Runbook,
    given: Mapping[str, str],
    shelf: Mapping[str, Runbook],
    services: tuple[str, ...],
    servers: Mapping[str, Server] = NO_SERVERS,
) -> RunPlan:
    """The plan of a run with these values; ``shelf`` holds every runbook there is.

    Raises `Invalid` for values that do not fit, and for a runbook that cannot be carried out.
    """
    writing = _Writing(shelf, {"service": services, "server": servers}, servers)
    values = checked(runbook.parameters, given, writing.known)
    steps = tuple(writing.steps(runbook, values, ()))
    if not steps:
        why = "none of its steps applies" if runbook.steps else "it is text for people to follow"
        raise Invalid(f"Nothing would be done: {why}. See /runbook show {runbook.id}.")
    numbered = (one.model_copy(update={"number": n}) for n, one in enumerate(steps, 1))
    plan = RunPlan(
        runbook=runbook.id,
        title=runbook.title,
        service=runbook.service,
        environment=runbook.environment,
        versions=writing.versions,
        values=values,
        steps=tuple(numbered),
        left_out=tuple(writing.left_out),
        blast_radius=runbook.blast_radius,
    )
    _need_within(plan, {**shelf, runbook.id: runbook})
    return plan


def _need_within(plan: RunPlan, shelf: Mapping[str, Runbook]) -> None:
    """Raises `Invalid` where a runbook would touch more servers than its author allows."""
    for name in plan.versions:
        own = {one.touches for one in plan.steps if one.touches and one.runbook == name}
        count = len(plan.touched if name == plan.runbook else own)
        most = shelf[name].blast_radius
        if most and count > most:
            raise Invalid(
                f"It would touch {count} servers, and {name} may touch {most}: name fewer, or ask"
                " its author for a wider blast_radius."
            )


class _Writing:
    """A plan being written: which runbooks went into it, and what was left out."""

    def __init__(
        self, shelf: Mapping[str, Runbook], known: Known, servers: Mapping[str, Server]
    ) -> None:
        self.shelf = shelf
        self.known = known
        self.servers = servers
        self.versions: dict[str, str] = {}
        self.left_out: list[str] = []
        self.count = 0
        self.group = 0

    def steps(
        self, runbook: Runbook, values: Values, above: tuple[str, ...]
    ) -> Iterator[PlannedStep]:
        """The steps that apply, those of called runbooks in their place."""
        if runbook.id in above or len(above) >= DEEPEST:
            way = " → ".join((*above, runbook.id))
            raise Invalid(f"Runbooks call each other in a circle, look into one of them: {way}.")
        self.versions[runbook.id] = runbook.version
        for number, step in enumerate(runbook.steps, 1):
            if why := _not_now(step, values):
                self.left_out.append(f"{runbook.id} step {number}, {step.name}: {why}")
            elif step.for_each:
                yield from self._for_each(runbook, step, values, above)
            else:
                yield from self._one(runbook, step, values, above)

    def _one(
        self, runbook: Runbook, step: RunbookStep, values: Values, above: tuple[str, ...]
    ) -> Iterator[PlannedStep]:
        if step.call:
            yield from self._called(step, values, (*above, runbook.id))
        elif step.parallel:
            yield from self._together(runbook, step, values)
        else:
            yield self._planned(runbook, step, values)

    def _together(
        self, runbook: Runbook, step: RunbookStep, values: Values
    ) -> Iterator[PlannedStep]:
        self.group += 1
        group = self.group
        for inner in step.parallel or ():
            if why := _not_now(inner, values):
                self.left_out.append(f"{runbook.id}, {inner.name}: {why}")
            else:
                planned = self._planned(runbook, inner, values)
                yield planned.model_copy(update={"together": group})

    def _for_each(
        self, runbook: Runbook, step: RunbookStep, values: Values, above: tuple[str, ...]
    ) -> Iterator[PlannedStep]:
        """The step for each server of the group, a batch at a time, each batch with its gate."""
        names = self._group(fill(step.for_each or "", values))
        batches = [names[at : at + step.batch] for at in range(0, len(names), step.batch)]
        for number, batch in enumerate(batches, 1):
            self.group += 1
            update = {"together": self.group} if len(batch) > 1 else {}
            for name in batch:
                own = _for_server(step, name)
                for planned in self._one(runbook, own, values | {SERVER: name}, above):
                    told = update | {"touches": planned.touches or name}
                    yield planned.model_copy(update=told)
            if step.gate:
                called = fill(step.name, values | {SERVER: "all"})
                planned = self._gate(step.gate, values, runbook.id)
                name = f"{called}: holds after batch {number} of {len(batches)}"
                yield planned.model_copy(update={"name": name})

    def _group(self, group: str) -> list[str]:
        """The servers of a group as it is now. Raises `NotFound`."""
        names = sorted(one.id for one in self.servers.values() if group in one.groups)
        if not names:
            raise NotFound(f"No server is in the group {group}: see /server list.")
        return names

    def _gate(self, gate: Gate, values: Values, runbook: str) -> PlannedStep:
        self._count()
        return PlannedStep(
            number=self.count,
            name="",
            runbook=runbook,
            action=_action(gate.model_dump(exclude_none=True, exclude={"timeout"}), values),
            safety="read",
            timeout=gate.timeout,
        )

    def _called(
        self, step: RunbookStep, values: Values, above: tuple[str, ...]
    ) -> Iterator[PlannedStep]:
        runbook = self.shelf.get(step.call or "")
        if runbook is None:
            raise NotFound(
                f"{above[-1]} calls {step.call}, and there is no such runbook: see /runbook list."
            )
        given = {name: fill(text, values) for name, text in step.given.items()}
        below = checked(runbook.parameters, given, self.known)
        yield from self.steps(runbook, below, above)

    def _planned(self, runbook: Runbook, step: RunbookStep, values: Values) -> PlannedStep:
        self._count()
        own = step.model_dump(exclude_none=True, exclude=STEP_ONLY)
        server = fill(step.server, values) if step.server else ""
        return PlannedStep(
            number=self.count,
            name=fill(step.name, values),
            runbook=runbook.id,
            action=_action(own, values),
            safety=step.danger,
            timeout=step.timeout,
            retries=step.retries,
            undo=_maybe(step.undo, values),
            verify=_maybe(step.verify, values),
            route=route_to(server, self.servers),
            touches=server,
        )

    def _count(self) -> None:
        self.count += 1
        if self.count > MOST_STEPS:
            raise Invalid(f"A run has at most {MOST_STEPS} steps: write two runbooks.")


def _for_server(step: RunbookStep, name: str) -> RunbookStep:
    """The step as it is for one server of its group, by name."""
    runs = any(one and one.command for one in (step, step.undo, step.verify))
    called = step.name if f"${{{SERVER}}}" in step.name else f"{step.name} on ${{{SERVER}}}"
    own = {"for_each": None, "server": name if runs else None, "name": called}
    return step.model_copy(update=own)


def _maybe(action: Action | None, values: Values) -> Action | None:
    return _action(action.model_dump(exclude_none=True), values) if action else None


def _action(written: dict[str, Any], values: Values) -> Action:
    """The action with its values; in an address each stays within its part."""
    done = filled(written, values)
    for kind in ("http", "wait"):
        if kind in written:
            done[kind]["url"] = fill(written[kind]["url"], values, address=True)
    try:
        return Action.model_validate(done)
    except ValidationError as error:
        why = error.errors()[0]["msg"]
        raise Invalid(f"A value does not fit its step: {why}. Type another value.") from error


def _not_now(step: RunbookStep, values: Values) -> str:
    """Why the step does not apply; empty where it does."""
    unmet = (name for name, wanted in step.when.items() if values[name] != wanted)
    name = next(unmet, None)
    return f"{name} is not {step.when[name]}" if name else ""
