"""What a change of who is on call owes."""

from typing import ClassVar

from domain.job import Job


class TellStandIn(Job):
    """Tell a person that somebody else has put them on call, or taken their place."""

    kind: ClassVar[str] = "tell_stand_in"
    priority: ClassVar[int] = 40
    schedule: str
    override: str
    user: str
    tried: tuple[str, ...] = ()
