"""YAML files whose every value knows its line."""

from pathlib import Path
from typing import Any

import yaml


class NotRead(ValueError):
    """A file that is not read, or a value in it that is none; the line where that stands."""

    def __init__(self, text: str, line: int | None = None) -> None:
        super().__init__(text)
        self.text = text
        self.line = line


def composed(path: Path) -> yaml.Node | None:
    """The file as nodes; None where it is empty. Raises `NotRead`."""
    return nodes(text_of(path))


def text_of(path: Path) -> str:
    """What is in a file. Raises `NotRead`."""
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise NotRead(f"cannot be read: {error}") from error


def nodes(text: str, above: int = 0) -> yaml.Node | None:
    """The text as nodes; ``above`` is how many lines of its file stand over it."""
    try:
        node: yaml.Node | None = yaml.compose("\n" * above + text, Loader=yaml.CSafeLoader)
    except (yaml.YAMLError, RecursionError) as error:
        raise _broken(error, above + 1) from error
    return node


def plain(node: yaml.Node) -> Any:
    """A node as dicts, lists and values. Raises `NotRead`, also where it holds itself."""
    try:
        return yaml.SafeLoader("").construct_document(node)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError) as error:
        raise _broken(error, node.start_mark.line + 1) from error


def _broken(error: Exception, line: int) -> NotRead:
    mark = getattr(error, "problem_mark", None)
    told = getattr(error, "problem", None) or str(error).partition("\n")[0]
    return NotRead(f"this is no YAML: {told}", mark.line + 1 if mark else line)
