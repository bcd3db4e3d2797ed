"""Every refusal says what to type, what to do, or whom to ask."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple, TypeGuard

import pytest

ROOT = Path(__file__).parents[2]
DEEPEST = 3
KINDS = ("Refused", "Invalid", "NotFound", "NotAllowed", "Stale", "Unclear", "_no")
SAYS = re.compile(
    r"/[a-z]{2,}|nothing to do|nothing to settle|somebody else"
    r"|\b(?:type|ask|press|see|look|wait|send|name|add|merge|reopen|change it"
    r"|name another|write|delete|invite|leave|pick|choose|sign in|log in|start again"
    r"|approved by)\b",
    re.IGNORECASE,
)
# Clauses that `commands/approval/carry_out.py` makes a sentence of.
CLAUSES = "commands/approval/plan.py"
FOLDERS = ("commands", "domain", "storage", "integrations/chat/console")


class Sentence(NamedTuple):
    """A refusal's words, as far as the source tells, and where it stands."""

    where: str
    text: str


def given(tree: ast.AST) -> dict[str, ast.expr]:
    """What names in a file were given, the last of each."""
    found: dict[str, ast.expr] = {}
    for node in ast.walk(tree):
        target = node.targets[0] if isinstance(node, ast.Assign) else getattr(node, "target", None)
        value = getattr(node, "value", None)
        if isinstance(target, ast.Name) and isinstance(value, ast.expr):
            found[target.id] = value
    return found


def words(node: ast.expr, known: dict[str, ast.expr], depth: int = 0) -> str:
    """Every word of an expression, names followed to what they were given."""
    said = []
    for part in ast.walk(node):
        name = getattr(part, "id", None) or getattr(part, "attr", None)
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            said.append(part.value)
        elif name in known and depth < DEEPEST:
            said.append(words(known[name], known, depth + 1))
    return " ".join(said).strip()


def _refuses(call: ast.AST) -> TypeGuard[ast.Call]:
    """Whether a refusal is made here; one that hands on a decision's reason is looked at there."""
    if not isinstance(call, ast.Call) or getattr(call.func, "id", "") not in KINDS:
        return False
    return bool(call.args) and not isinstance(call.args[0], ast.Attribute)


def refusals() -> Iterator[Sentence]:
    """Every refusal that a person can meet in a chat, whose words are not another one's."""
    paths = [path for folder in FOLDERS for path in sorted((ROOT / folder).rglob("*.py"))]
    trees = {path: ast.parse(path.read_text("utf-8")) for path in paths}
    shared = {name: value for tree in trees.values() for name, value in given(tree).items()}
    for path, tree in trees.items():
        known = shared | given(tree)
        for call in ast.walk(tree):
            if _refuses(call):
                where = f"{path.relative_to(ROOT).as_posix()}:{call.lineno}"
                said = words(call.args[0], known)
                if any(letter.isalpha() for letter in said):
                    yield Sentence(where, said)


SPOKEN = [one for one in refusals() if not one.where.startswith(CLAUSES)]


@pytest.mark.parametrize("one", SPOKEN, ids=lambda one: one.where)
def test_a_refusal_says_what_to_do(one: Sentence) -> None:
    """A sentence that only says no leaves somebody alone at three in the morning."""
    assert SAYS.search(one.text), one.text


def test_there_are_refusals_to_look_at() -> None:
    """The test above would pass for a reader that finds none."""
    assert len(SPOKEN) > 60
