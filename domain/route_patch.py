"""After *Not ours*: the routing rule that would have sent the alert to the right team at once."""

from domain.alert import Alert
from domain.incident import Incident
from domain.matcher import Matcher
from domain.routing import Route

SAID = ("alertname", "service")


def route_patch(alert: Alert, moved: Incident) -> Route:
    """Send alerts like ``alert`` where its incident was ``moved``.

    What its sender said is matched, not what we made of it. Routes are tried in the order of
    their ids, and the zero puts this one before those that were wrong.
    """
    said = alert.labels | {"alertname": alert.name}
    match = tuple(Matcher(name=name, value=said[name]) for name in SAID if said.get(name))
    other = moved.service if moved.service != alert.service else None
    return Route(
        id=f"0-{moved.id.lower()}-{moved.team}",
        match=match,
        service=other,
        team=moved.team,
        policy=moved.policy,
    )


def as_yaml(route: Route) -> str:
    """The route as a file for `apply`; every value is quoted, whatever it holds."""
    lines = ["routes:", f"  - id: {_quoted(route.id)}", "    match:"]
    for one in route.match:
        told = ", ".join(f"{name}: {_quoted(value)}" for name, value in one.model_dump().items())
        lines.append(f"      - {{{told}}}")
    for name in ("service", "team", "policy"):
        if value := getattr(route, name):
            lines.append(f"    {name}: {_quoted(value)}")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    """A scalar of YAML in double quotes."""
    plain = (one if one.isprintable() and one not in '"\\' else _escaped(one) for one in text)
    return f'"{"".join(plain)}"'


def _escaped(one: str) -> str:
    return f"\\U{ord(one):08x}"
