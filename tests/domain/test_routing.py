"""Where an alert goes, and why."""

from typing import Any

import pytest

from domain.classify import Classification, Subject, classify
from domain.matcher import parse_matchers
from domain.routing import Route, Routed, find_service, route
from domain.service import Catalogue, Service
from domain.severity import Severity

TRINO = Service(id="trino", team="data", policy="data-24x7", aliases=("presto",))
KAFKA = Service(id="kafka", team="streams")
CATALOGUE = Catalogue([TRINO, KAFKA])


def said(service: str | None = None) -> Classification:
    """A critical alert of ``service``."""
    return classify(Subject(title="x", service=service, severity="critical"))


def routed(*routes: Route, default: str | None = "default", **traits: str) -> Routed:
    """Route an alert with these traits."""
    return route(traits, said(traits.get("service")), routes, CATALOGUE, default)


def to(id_: str, matchers: str = "", **changes: Any) -> Route:
    """A route."""
    return Route(id=id_, match=parse_matchers(matchers) if matchers else (), **changes)


def test_without_routes_the_service_decides():
    """Team and policy are the service's own."""
    assert routed(service="trino") == Routed(
        route=None,
        service="trino",
        team="data",
        policy="data-24x7",
        alert_room=None,
        declare=False,
        severity=Severity.SEV2,
        urgency="high",
        reason="no route fits; service trino as the sender says; policy data-24x7 of the service",
    )


def test_the_first_fitting_route_wins():
    """Order matters; what a route leaves out is the service's."""
    found = routed(
        to("staging", "env=staging", policy="office"),
        to("prod", "env=prod", declare=True, severity="SEV1", alert_room="prod-alerts"),
        to("all", policy="never"),
        service="trino",
        env="prod",
    )
    assert (found.route, found.policy, found.declare) == ("prod", "data-24x7", True)
    assert (found.severity, found.alert_room) == (Severity.SEV1, "prod-alerts")


@pytest.mark.parametrize(("severity", "urgency"), [("SEV1", "high"), ("SEV4", "low")])
def test_a_routes_severity_says_how_urgent_it_is(severity: str, urgency: str):
    """The rule that an alert of unknown severity asks for."""
    assert routed(to("r", severity=severity), service="trino").urgency == urgency


def test_a_route_may_say_everything_itself():
    """Service, team and policy of the route come before anything found."""
    everything = to("r", service="kafka", team="sre", policy="sre-247")
    found = routed(everything, service="trino")
    assert (found.service, found.team, found.policy) == ("kafka", "sre", "sre-247")
    assert found.reason == "route r; service kafka by the route; policy sre-247 by the route"


def test_a_service_without_policy_uses_the_default():
    """Nobody falls through while a default policy is set."""
    found = routed(service="kafka")
    assert (found.team, found.policy) == ("streams", "default")


def test_without_any_policy_the_admins_are_named():
    """Rule 5: no route and no default goes to the admins, and says so."""
    found = routed(default=None, alertname="Mystery")
    assert (found.policy, found.service) == (None, None)
    assert found.reason.endswith("no policy and no default policy: the admins are paged")


@pytest.mark.parametrize(
    ("traits", "how"),
    [
        ({"job": "presto"}, "service trino by its label job"),
        ({"namespace": "trino", "job": "node"}, "service trino by its label namespace"),
        ({"alertname": "TrinoQueryFailures"}, "service trino by the alert's name"),
    ],
)
def test_labels_and_names_find_a_service_of_the_catalogue(traits: dict[str, str], how: str):
    """Labels like job are believed only where the catalogue knows the name."""
    assert find_service(traits, None, None, CATALOGUE).reason == how


@pytest.mark.parametrize(
    ("service", "reason"),
    [("ghost", "service ghost is not in the catalogue"), (None, "no service is named")],
)
def test_an_unknown_service_is_said_to_be_unknown(service: str | None, reason: str):
    """The reason tells what to add to the catalogue."""
    found = find_service({}, service, None, CATALOGUE)
    assert (found.service, found.reason) == (None, reason)


def test_a_service_outside_the_catalogue_keeps_its_name():
    """The alert still shows what its sender called it."""
    assert routed(service="ghost").service == "ghost"
