"""The rule that *Not ours* leaves for an admin."""

from typing import Any

import yaml

from domain.alert import Alert, apply, traits
from domain.classify import Subject, classify
from domain.incident import Incident
from domain.route_patch import as_yaml, route_patch
from domain.routing import Route, route
from domain.service import Catalogue, Service
from domain.severity import Severity
from tests.fakes.signals import a_signal
from tests.fakes.stores import NOON

CATALOGUE = Catalogue(
    [
        Service(id="trino", team="data", policy="data"),
        Service(id="storefront", team="web", policy="web"),
    ]
)


def alert(**said: Any) -> Alert:
    """A firing alert, as it was understood."""
    return apply(None, a_signal(**said)).alert


def moved(**changes: Any) -> Incident:
    """Its incident after it went to web."""
    told = {
        "id": "INC-42",
        "number": 42,
        "title": "x",
        "stage": "triage",
        "severity": Severity.SEV2,
        "service": "trino",
        "team": "web",
        "policy": "web",
        "source": "alertmanager",
        "correlation_id": "c",
        "detected_at": NOON,
        "declared_at": NOON,
    }
    return Incident.model_validate(told | changes)


def read(patch: Route) -> Route:
    """The route as a file tells it."""
    (found,) = yaml.safe_load(as_yaml(patch))["routes"]
    return Route.model_validate(found)


def sent(found: Alert, *routes: Route) -> tuple[str | None, str | None, str | None]:
    """To which team, policy and service an alert goes."""
    said = classify(Subject(title="x", service=found.service, severity="critical"))
    routed = route(traits(found), said, routes, CATALOGUE, None)
    return routed.team, routed.policy, routed.service


def test_with_the_rule_the_next_one_goes_there_at_once():
    """Read from its own YAML, and before the route that was wrong."""
    fires = alert(name="QueryFailures", labels={"service": "trino"})
    wrong = Route(id="everything", team="data", policy="data")
    patch = read(route_patch(fires, moved()))
    assert sent(fires, *sorted((wrong, patch), key=lambda one: one.id)) == ("web", "web", "trino")
    other = alert(name="QueryLatency", labels={"service": "trino"})
    assert sent(other, patch) == ("data", "data", "trino")


def test_a_service_that_was_named_is_part_of_it():
    """Whose it is follows from what it is."""
    fires = alert(name="QueryFailures", labels={"service": "trino"})
    patch = read(route_patch(fires, moved(service="storefront")))
    assert sent(fires, patch) == ("web", "web", "storefront")


def test_whatever_a_name_holds_it_stays_a_value():
    """Quotes, braces, newlines and comments are no YAML."""
    nasty = 'x", value: "y"}\n- {# "\u2028 \\ ü 🙂'
    fires = alert(name=nasty, labels={"service": "a: b"})
    patch = route_patch(fires, moved())
    assert read(patch) == patch
    assert {one.value for one in patch.match} == {nasty, "a: b"}
