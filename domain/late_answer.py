"""What came of something that took longer than an answer may."""

from typing import ClassVar

from domain.job import Job
from domain.place import Place


class LateAnswer(Job):
    """Say it, in the room where it was asked for, else to whoever asked. ``key`` names this one."""

    kind: ClassVar[str] = "late_answer"
    key: str
    text: str
    user: str
    place: Place | None = None
