"""What was looked at, how it is, and what to do about it."""

from typing import Literal

from domain.base import Frozen

Level = Literal["ok", "warning", "failure"]


class Finding(Frozen):
    """One thing of one ``area``; ``fix`` is what to type or do where it is not well."""

    area: str
    level: Level
    text: str
    fix: str = ""


def ok(area: str, text: str) -> Finding:
    """All is well with it."""
    return Finding(area=area, level="ok", text=text)


def warning(area: str, text: str, fix: str = "") -> Finding:
    """Something does not work, and everything else does."""
    return Finding(area=area, level="warning", text=text, fix=fix)


def failure(area: str, text: str, fix: str = "") -> Finding:
    """It must be mended."""
    return Finding(area=area, level="failure", text=text, fix=fix)
