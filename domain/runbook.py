"""Runbooks: what to do, in words."""

from domain.base import Frozen


class Runbook(Frozen):
    """A runbook as text; steps and runs are another matter."""

    id: str
    title: str
    service: str | None = None
    body: str
