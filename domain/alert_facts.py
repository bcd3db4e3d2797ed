"""What people do to alerts."""

from datetime import datetime
from typing import ClassVar

from domain.facts import Fact


class SilenceAdded(Fact):
    """Alerts that fit are kept quiet for a while; the reason is the text."""

    kind: ClassVar[str] = "silence_added"
    template: ClassVar[str] = "{matchers} silenced until {until} by {by}: {text}"
    silence: str
    matchers: str
    until: datetime


class BaselinePaged(Fact):
    """A source's baseline was paged after all."""

    kind: ClassVar[str] = "baseline_paged"
    template: ClassVar[str] = "{alerts} alerts of the baseline of {source} paged by {by}"
    source: str
    alerts: int
