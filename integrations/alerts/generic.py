"""Any JSON: a mapping says where each field stands.

Without a mapping, ``{"name": "Disk full", "status": "firing"}`` is enough, and the usual names
of the other fields are tried. A body may be one alert, a list of them, or hold a list.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue, field_validator

from domain.alert import AlertStatus, Parsed, Signal
from domain.base import Frozen
from integrations.alerts.shape import (
    ANNOTATION,
    LABEL,
    SUMMARY,
    Table,
    cut,
    fingerprint,
    identity,
    moment,
    scalar,
    wrong,
)

SOURCE = "generic"
OVER = frozenset(
    ("resolved", "ok", "up", "closed", "close", "recovered", "recovery", "normal", "inactive",
     "success", "cleared", "healthy", "good", "fixed", "1")
)  # fmt: skip


class Mapping(Frozen):
    """Dotted paths (``check.name``, ``items.0.host``) of each field, the first that is there.

    ``alerts`` leads to the list of alerts inside the body; "" is the body itself, which may be
    one alert or a list. Every text or number beneath ``labels`` becomes a label. A status that
    is not among ``over`` (compared without case) fires.
    """

    alerts: tuple[str, ...] = ("alerts", "")
    name: tuple[str, ...] = ("name", "alertname", "title", "alert", "check", "monitor.name")
    summary: tuple[str, ...] = ("summary", "message", "msg", "text", "description", "body")
    severity: tuple[str, ...] = ("severity", "priority", "level", "labels.severity")
    service: tuple[str, ...] = ("service", "labels.service", "service.name", "app")
    status: tuple[str, ...] = ("status", "state", "heartbeat.status")
    fingerprint: tuple[str, ...] = ("fingerprint", "dedup_key", "alias")
    group_key: tuple[str, ...] = ("group_key",)
    starts_at: tuple[str, ...] = ("starts_at", "startsAt", "started_at")
    ends_at: tuple[str, ...] = ("ends_at", "endsAt", "ended_at", "resolved_at")
    url: tuple[str, ...] = ("url", "link", "html_url", "generatorURL")
    labels: tuple[str, ...] = ("labels", "tags")
    annotations: tuple[str, ...] = ("annotations",)
    over: frozenset[str] = OVER

    @field_validator("*", mode="before")
    @classmethod
    def _one_is_enough(cls, value: object) -> object:
        return (value,) if isinstance(value, str) else value


DEFAULT = Mapping()


def parse(
    body: JsonValue, integration: str, received: datetime, mapping: Mapping = DEFAULT
) -> Parsed:
    """Read a body by ``mapping``; where no alert has a name or summary it is not understood."""
    if not isinstance(body, dict | list):
        raise wrong("body", "an object or a list")
    reading = [_Alert(table, path, mapping) for table, path in _alerts(body, mapping)]
    if reading and not any(one.title for one in reading):
        return Parsed(understood=False)
    return Parsed(signals=tuple(one.signal(integration, received) for one in reading))


@dataclass(frozen=True)
class _Alert:
    """One alert of a body, read by a mapping; ``path`` is where it stands."""

    sent: Table
    path: str
    mapping: Mapping

    @property
    def title(self) -> str:
        """What it is called, or else what it says."""
        return self.text(self.mapping.name) or self.text(self.mapping.summary)

    def signal(self, integration: str, received: datetime) -> Signal:
        """The signal; raises `Invalid` where a field stands but cannot be read."""
        to = self.mapping
        if not self.title:
            raise wrong(self.at(to.name[0]), "a text")
        labels = self.labels()
        service = self.text(to.service)
        status = self.status()
        started = self.time(to.starts_at)
        return Signal(
            source=SOURCE,
            integration=integration,
            fingerprint=self.identity(labels, service),
            status=status,
            name=self.title,
            summary=self.text(to.summary, SUMMARY) or self.title,
            severity=self.text(to.severity),
            service=service or None,
            labels=labels,
            annotations=self.annotations(),
            starts_at=started or received,
            ends_at=(self.time(to.ends_at) or received) if status == "resolved" else None,
            group_key=identity(self.text(to.group_key, 1 << 20), SUMMARY) or None,
            url=self.link(),
            at=received,
            ordered_by="start" if started else "event",
        )

    def status(self) -> AlertStatus:
        """Resolved only where a word for it stands: when in doubt, somebody is told."""
        return (
            "resolved" if self.text(self.mapping.status).lower() in self.mapping.over else "firing"
        )

    def text(self, paths: tuple[str, ...], limit: int = LABEL) -> str:
        """The first text or number; only an object or list at the first path is refused."""
        found = next(filter(None, (scalar(dig(self.sent, path)) for path in paths)), "")
        if not found and isinstance(dig(self.sent, paths[0]), dict | list):
            raise wrong(self.at(paths[0]), "a text or a number")
        return cut(found, limit)

    def time(self, paths: tuple[str, ...]) -> datetime | None:
        """The first instant: RFC 3339, or seconds or milliseconds since 1970."""
        found = ((path, dig(self.sent, path)) for path in paths)
        return next((moment(value, self.at(path)) for path, value in found if value), None)

    def labels(self) -> dict[str, str]:
        """Objects of texts, and lists like ``["env:prod", "vip"]``."""
        found: dict[str, str] = {}
        for path in self.mapping.labels:
            value = dig(self.sent, path)
            if isinstance(value, str | int | float) and path == self.mapping.labels[0]:
                raise wrong(self.at(path), "an object")
            found = _pairs(value, LABEL) | found
        return found

    def annotations(self) -> dict[str, str]:
        """Longer texts beside the summary."""
        found: dict[str, str] = {}
        for path in self.mapping.annotations:
            found = _pairs(dig(self.sent, path), ANNOTATION) | found
        return found

    def identity(self, labels: dict[str, str], service: str) -> str:
        """The sender's key, else one made of name, service and labels."""
        given = self.text(self.mapping.fingerprint, 1 << 20)
        if given:
            return identity(given)
        return fingerprint(labels | {"alertname": self.title, "service": service})

    def link(self) -> str | None:
        """The first web address."""
        found = (scalar(dig(self.sent, path)) for path in self.mapping.url)
        urls = (cut(one, SUMMARY) for one in found if one.startswith(("http://", "https://")))
        return next(urls, None)

    def at(self, path: str) -> str:
        """Where a field of this alert stands in the body."""
        return f"{self.path}.{path}" if self.path else path


def dig(value: JsonValue, path: str) -> JsonValue:
    """What stands at a dotted path; None where it leads nowhere."""
    for step in path.split(".") if path else ():
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _alerts(body: JsonValue, mapping: Mapping) -> Iterator[tuple[Table, str]]:
    for path in mapping.alerts:
        found = dig(body, path)
        if isinstance(found, dict):
            yield found, path
            return
        if isinstance(found, list):
            yield from _listed(found, path)
            return


def _listed(found: list[JsonValue], path: str) -> Iterator[tuple[Table, str]]:
    for number, one in enumerate(found):
        where = f"{path}[{number}]"
        if not isinstance(one, dict):
            raise wrong(where, "an object")
        yield one, where


def _pairs(value: JsonValue, limit: int) -> dict[str, str]:
    if isinstance(value, dict):
        texts = {name: scalar(text) for name, text in value.items()}
        return {cut(name, LABEL): cut(text, limit) for name, text in texts.items() if text}
    tags = [one for one in value if isinstance(one, str)] if isinstance(value, list) else []
    split = (tag.partition(":") for tag in tags)
    return {cut(name, LABEL): cut(text or "true", limit) for name, _, text in split}
