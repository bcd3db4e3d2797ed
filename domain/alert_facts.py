"""What people do to alerts."""

from typing import ClassVar

from domain.facts import Fact


class BaselinePaged(Fact):
    """A source's baseline was paged after all."""

    kind: ClassVar[str] = "baseline_paged"
    template: ClassVar[str] = "{alerts} alerts of the baseline of {source} paged by {by}"
    source: str
    alerts: int
