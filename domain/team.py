"""A team: who is asked when nobody answers, and where its alerts are shown."""

from domain.base import Frozen


class Team(Frozen):
    """``alert_room`` is the room, on every platform by the same name, for alerts in triage."""

    id: str
    name: str
    lead: str | None = None
    alert_room: str | None = None
