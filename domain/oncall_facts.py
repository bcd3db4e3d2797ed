"""What can happen to a schedule."""

from datetime import datetime
from typing import ClassVar

from domain.facts import Fact


class OverrideAdded(Fact):
    """Somebody stands in on a schedule."""

    kind: ClassVar[str] = "override_added"
    template: ClassVar[str] = "{person} is on call {starts} to {ends}, set by {by}: {text}"
    override: str
    person: str
    starts: datetime
    ends: datetime


class OverrideCancelled(Fact):
    """The rotation holds again where somebody stood in, or would have."""

    kind: ClassVar[str] = "override_cancelled"
    template: ClassVar[str] = "{by} took back that {person} is on call {starts} to {ends}"
    override: str
    person: str
    starts: datetime
    ends: datetime
