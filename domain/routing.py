"""Routing: which service an alert is about, and so who owns it and which policy pages."""

import re
from collections.abc import Iterable, Mapping

from domain.base import Frozen
from domain.classify import CAMEL, Classification
from domain.matcher import Matcher, fits
from domain.service import Catalogue, Service
from domain.severity import Severity
from domain.urgency import URGENCY, Urgency

# Labels that may name a service of the catalogue, the most telling first. `job`, `namespace`
# and the like are only believed where the catalogue knows the name.
NAMING = (
    "service", "service_name", "app", "application", "app_kubernetes_io_name", "component",
    "deployment", "statefulset", "job", "container", "namespace", "cluster",
)  # fmt: skip
WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")


class Route(Frozen):
    """An ordered rule: alerts that fit every matcher go where it says.

    What it leaves out is taken from the service. ``declare`` makes the incident active at once;
    ``severity`` replaces the alert's, and with it how urgent it is.
    """

    id: str
    match: tuple[Matcher, ...] = ()
    service: str | None = None
    policy: str | None = None
    team: str | None = None
    alert_room: str | None = None
    declare: bool = False
    severity: Severity | None = None


class Routed(Frozen):
    """Where an alert goes.

    ``policy`` None: nobody has said, page the admins. ``alert_room`` None: the team's own.
    """

    route: str | None
    service: str | None
    team: str | None
    policy: str | None
    alert_room: str | None
    declare: bool
    severity: Severity
    urgency: Urgency
    reason: str


class Found(Frozen):
    """The service an alert is about (None where the catalogue has none), and how one knows."""

    service: Service | None
    reason: str


def route(
    traits: Mapping[str, str],
    classification: Classification,
    routes: Iterable[Route],
    catalogue: Catalogue,
    default_policy: str | None,
) -> Routed:
    """Where an alert with these `domain.alert.traits` goes: the first fitting route, then the
    service's own team and policy, then ``default_policy``."""
    fitting = next((one for one in routes if fits(one.match, traits)), None)
    rule = fitting or Route(id="")
    found = find_service(traits, classification.service, rule.service, catalogue)
    service = found.service or Service(id="")
    policy, why = _policy(rule, service, default_policy)
    return Routed(
        route=fitting.id if fitting else None,
        service=service.id or rule.service or classification.service,
        team=rule.team or service.team,
        policy=policy,
        alert_room=rule.alert_room,
        declare=rule.declare,
        severity=rule.severity or classification.severity,
        urgency=URGENCY[rule.severity] if rule.severity else classification.urgency,
        reason=f"{f'route {rule.id}' if fitting else 'no route fits'}; {found.reason}; {why}",
    )


def find_service(
    traits: Mapping[str, str], said: str | None, routed: str | None, catalogue: Catalogue
) -> Found:
    """The catalogue's service for an alert: by its route, its sender, its labels, its name."""
    for name, how in _candidates(traits, said, routed):
        if service := catalogue.named(name):
            return Found(service=service, reason=f"service {service.id} {how}")
    unknown = routed or said
    reason = f"service {unknown} is not in the catalogue" if unknown else "no service is named"
    return Found(service=None, reason=reason)


def _candidates(
    traits: Mapping[str, str], said: str | None, routed: str | None
) -> Iterable[tuple[str, str]]:
    if routed:
        yield routed, "by the route"
    if said:
        yield said, "as the sender says"
    for label in NAMING:
        if value := traits.get(label):
            yield value, f"by its label {label}"
    for word in WORD.findall(CAMEL.sub(" ", traits.get("alertname", ""))):
        yield word, "by the alert's name"


def _policy(rule: Route, service: Service, default: str | None) -> tuple[str | None, str]:
    if rule.policy:
        return rule.policy, f"policy {rule.policy} by the route"
    if service.policy:
        return service.policy, f"policy {service.policy} of the service"
    if default:
        return default, f"default policy {default}"
    return None, "no policy and no default policy: the admins are paged"
