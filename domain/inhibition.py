"""Symptoms: what stands on a broken service joins that service's incident.

Nobody who would have been rung is passed over: an alert joins only where the same policy pages.
What needs nobody at once is inhibited; what does is attached like any other, and the first of
each service rings whoever has the incident once more (rules.md 6).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from domain.base import Frozen
from domain.incident import Incident
from domain.noise import Action, Verdict
from domain.routing import Routed

NEAR = timedelta(minutes=10)


class Symptom(Frozen):
    """An alert of ``service`` that an open incident of another, ``of``, explains."""

    incident: str
    service: str
    of: str
    verdict: Verdict


def symptom_of(
    routed: Routed, starts_at: datetime, beneath: Sequence[str], incidents: Iterable[Incident]
) -> Symptom | None:
    """The incident of which an alert that began at ``starts_at`` is a symptom; None: of none.

    ``beneath`` are the services that the alert's own stands on, nearest first; of ``incidents``
    (any) those count that are open, public, of such a service, and began within ten minutes of
    the alert. The nearest service wins, then the newest incident. A route that declares is
    obeyed: its alert opens an incident.
    """
    if routed.declare:
        return None
    fitting = [one for one in incidents if _explains(one, routed, starts_at, beneath)]
    if not fitting:
        return None
    found = min(fitting, key=lambda one: (beneath.index(one.service or ""), -one.number))
    service, of = routed.service or "", found.service or ""
    why = f"{service} depends on {of}, {found.id} is open"
    action: Action = "attached" if routed.urgency == "high" else "inhibited"
    verdict = Verdict(action=action, reason=why)
    return Symptom(incident=found.id, service=service, of=of, verdict=verdict)


def _explains(
    incident: Incident, routed: Routed, starts_at: datetime, beneath: Sequence[str]
) -> bool:
    began = incident.impact_started_at or incident.declared_at
    return (
        incident.service in beneath
        and incident.open
        and not incident.private
        and incident.policy == routed.policy
        and abs(starts_at - began) <= NEAR
    )
