"""Templates rendered with everything escaped, and the frame of pages that stand alone."""

from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.types import Scope

from domain.base import Frozen
from web.assets import assets
from web.carried import cookie

FOLDER = Path(__file__).parent / "templates"
THEMES = ("light", "dark")


class Bare(Frozen):
    """What surrounds a page without a menu: where its style lies, and the reader's choice;
    ``banner`` is what it says first."""

    static: str
    theme: str = ""
    csrf: str = ""
    banner: str = ""


def bare(scope: Scope, banner: str = "") -> Bare:
    """The frame for this request."""
    return Bare(static=assets().prefix, theme=theme(scope), banner=banner)


def theme(scope: Scope) -> str:
    """Light or dark where the reader has chosen, else ""."""
    chosen = cookie(scope, "tocsin_theme")
    return chosen if chosen in THEMES else ""


def render(template: str, frame: Any, page: Any) -> str:
    """The template with its two values; a name it lacks is an error, not a gap."""
    return templates().get_template(template).render(frame=frame, page=page)


@cache
def templates() -> Environment:
    """The environment all pages share."""
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
