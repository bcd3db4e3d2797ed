"""The short forms people write in files, and back: ``schedule:web``, ``5m``, ``[bob, carol]``."""

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import Any

from pydantic import TypeAdapter

from domain.declared.items import KINDS, Item
from domain.group import GroupRole, parse_role, written_role
from domain.guard import parse_approver
from domain.when import parse_duration

TARGETS = {
    "@": "user",
    "schedule:": "schedule",
    "team:": "team",
    "channel:": "channel",
    "webhook:": "webhook",
}
DURATION = TypeAdapter(timedelta)
POLICY_TIMES = ("repeat_every", "ack_timeout")
UNITS = (("d", 86400), ("h", 3600), ("m", 60), ("s", 1))


def read(kind: str, written: Any) -> Item:
    """The item as its file says it. Raises `ValueError` (pydantic's) where it does not fit."""
    model = KINDS[kind]
    known = isinstance(written, dict)
    return model.model_validate(_long(kind, dict(written)) if known else written)


def write(kind: str, value: Item) -> dict[str, Any]:
    """As one would write it: what `read` makes the same item of, defaults left out."""
    document = value.model_dump(mode="json", exclude_defaults=True)
    document.pop("overrides", None)
    document.pop("managed_by", None)
    return SHORT.get(kind, _as_it_is)(document)


def _long(kind: str, written: dict[str, Any]) -> dict[str, Any]:
    return LONG.get(kind, _as_it_is)(written)


def _as_it_is(written: dict[str, Any]) -> dict[str, Any]:
    return written


def _named(written: dict[str, Any]) -> dict[str, Any]:
    """A name of its own is only needed where the id is no good one."""
    return {"name": written.get("id")} | written


def _long_group(written: dict[str, Any]) -> dict[str, Any]:
    members = [_handle(one) for one in _list(written.get("members"))]
    roles = [_long_role(one) for one in _list(written.get("roles"))]
    return _named(written | {"members": members, "roles": roles})


def _handle(written: Any) -> Any:
    return written.removeprefix("@") if isinstance(written, str) else written


def _long_role(written: Any) -> Any:
    return parse_role(written).model_dump() if isinstance(written, str) else written


def _short_group(document: dict[str, Any]) -> dict[str, Any]:
    roles = [written_role(GroupRole.model_validate(one)) for one in document.get("roles", ())]
    return document | ({"roles": roles} if roles else {})


def _long_schedule(written: dict[str, Any]) -> dict[str, Any]:
    zone = written.get("timezone", "UTC")
    layers = [_long_layer(one, zone) for one in _list(written.get("layers"))]
    return _named({"timezone": zone} | written | {"layers": layers})


def _long_layer(written: Any, zone: Any) -> Any:
    if not isinstance(written, dict) or not isinstance(written.get("rotation"), dict):
        return written
    rotation = {"timezone": zone} | written["rotation"]
    slots = [one if isinstance(one, list) else [one] for one in _list(rotation.get("participants"))]
    return written | {"rotation": rotation | {"participants": slots}}


def _short_schedule(document: dict[str, Any]) -> dict[str, Any]:
    for layer in document.get("layers", ()):
        layer.pop("shifts", None)
        rotation = layer.get("rotation")
        if rotation is None:
            continue
        if rotation["timezone"] == document["timezone"]:
            del rotation["timezone"]
        slots = rotation["participants"]
        rotation["participants"] = [one[0] if len(one) == 1 else one for one in slots]
    return document


def _long_policy(written: dict[str, Any]) -> dict[str, Any]:
    steps = [_long_step(one) for one in _list(written.get("steps"))]
    ends = [_long_target(one) for one in _list(written.get("last_resort"))]
    policy = _named(written | {"steps": steps, "last_resort": ends})
    for name in POLICY_TIMES:
        _replaced(policy, name, _long_duration)
    return policy


def _long_step(written: Any) -> Any:
    if not isinstance(written, dict):
        return written
    targets = [_long_target(one) for one in _list(written.get("targets"))]
    others = [_long_target(one) for one in _list(written.get("otherwise"))]
    step = written | {"targets": targets} | ({"otherwise": others} if others else {})
    return _with_rate(_replaced(step, "delay", _long_duration), _long_duration)


def _with_rate(step: dict[str, Any], change: Callable[[Any], Any]) -> dict[str, Any]:
    """The step with the length in which its alerts are counted otherwise written."""
    when = step.get("when")
    rate = when.get("alerts") if isinstance(when, dict) else None
    if isinstance(when, dict) and isinstance(rate, dict):
        step["when"] = when | {"alerts": _replaced(dict(rate), "within", change)}
    return step


def _long_target(written: Any) -> Any:
    for beginning, kind in TARGETS.items():
        if isinstance(written, str) and written.startswith(beginning):
            return {"kind": kind, "id": written.removeprefix(beginning)}
    if isinstance(written, str):
        told = f"{written} is no target: write @person, schedule:name, team:name, channel:name "
        raise ValueError(f"{told}or webhook:name")
    return written


def _short_policy(document: dict[str, Any]) -> dict[str, Any]:
    for step in document["steps"]:
        step["targets"] = [_short_target(one) for one in step["targets"]]
        if "otherwise" in step:
            step["otherwise"] = [_short_target(one) for one in step["otherwise"]]
        _with_rate(_replaced(step, "delay", _short_duration), _short_duration)
    if "last_resort" in document:
        document["last_resort"] = [_short_target(one) for one in document["last_resort"]]
    for name in POLICY_TIMES:
        _replaced(document, name, _short_duration)
    return document


def _short_target(document: dict[str, Any]) -> str:
    beginning = next(one for one, kind in TARGETS.items() if kind == document["kind"])
    return f"{beginning}{document['id']}"


def _long_guard(written: dict[str, Any]) -> dict[str, Any]:
    approvers = [_long_approver(one) for one in _list(written.get("approvers"))]
    return _replaced(written | {"approvers": approvers}, "expires", _long_duration)


def _long_approver(written: Any) -> Any:
    return parse_approver(written).model_dump() if isinstance(written, str) else written


def _short_guard(document: dict[str, Any]) -> dict[str, Any]:
    approvers = document.get("approvers", [])
    told = ["@" + one["id"] if one["kind"] == "person" else _colon(one) for one in approvers]
    return _replaced(document | ({"approvers": told} if told else {}), "expires", _short_duration)


def _colon(approver: dict[str, Any]) -> str:
    return f"{approver['kind']}:{approver['id']}"


def _replaced(written: dict[str, Any], name: str, change: Callable[[Any], Any]) -> dict[str, Any]:
    if name in written:
        written[name] = change(written[name])
    return written


def _short_runbook(document: dict[str, Any]) -> dict[str, Any]:
    _short_steps(document.get("steps", ()))
    for name in ("cool_down", "within"):
        _replaced(document.get("automatic") or {}, name, _short_duration)
    return document


def _short_steps(steps: Iterable[dict[str, Any]]) -> None:
    for step in steps:
        gate = step.get("gate") or {}
        for one in (step, gate):
            _replaced(one, "timeout", _short_duration)
            _replaced(one.get("wait") or {}, "every", _short_duration)
        _short_steps(step.get("parallel", ()))


def _long_duration(written: Any) -> Any:
    found = parse_duration(written) if isinstance(written, str) else None
    return found or written


def _short_duration(document: str) -> str:
    """``PT5M`` as ``5m``."""
    left = int(_span(document).total_seconds())
    words = []
    for unit, seconds in UNITS:
        count, left = divmod(left, seconds)
        words += [f"{count}{unit}"] if count else []
    return "".join(words)


def _list(written: Any) -> list[Any]:
    """What is no list is left for the check to refuse."""
    return written if isinstance(written, list) else ([] if written is None else [written])


def _span(document: str) -> timedelta:
    return DURATION.validate_python(document)


LONG: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "teams": _named,
    "groups": _long_group,
    "schedules": _long_schedule,
    "policies": _long_policy,
    "guards": _long_guard,
}
SHORT: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "groups": _short_group,
    "schedules": _short_schedule,
    "policies": _short_policy,
    "guards": _short_guard,
    "runbooks": _short_runbook,
}
