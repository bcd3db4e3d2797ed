"""The shape of the code: short files, short functions, no hidden inputs."""

from pathlib import Path
from statistics import median, quantiles

import pytest

from tests.contracts import shape
from tests.contracts.shape import Module, Rule

ROOT = Path(__file__).parents[2]
MODULES = shape.read_modules(ROOT)

BAD = {
    "short_files": "x = 1\n" * 401,
    "short_functions": "def tall():\n" + "    x = 1\n" * 41,
    "few_arguments": "def wide(a, b, c, *, d, e, f): ...",
    "named_exceptions": "try:\n    ...\nexcept (OSError, Exception):\n    ...",
    "injected_clock": "from datetime import datetime\nx = datetime.now()",
    "injected_environment": "from os import environ",
    "telling_names": "class PageManager: ...",
    "pure_domain": "import sqlalchemy",
}


@pytest.mark.parametrize("rule", shape.RULES, ids=lambda rule: rule.__name__)
def test_modules_keep_the_rule(rule: Rule) -> None:
    """No module of ours breaks a rule of shape."""
    assert shape.complaints(rule, MODULES) == []


@pytest.mark.parametrize("rule", shape.RULES, ids=lambda rule: rule.__name__)
def test_rule_can_fail(rule: Rule) -> None:
    """Each rule complains about a module that breaks it, and only that rule does."""
    package = "domain" if rule is shape.pure_domain else "web"
    bad = Module.of(f"{package}/bad.py", BAD[rule.__name__])
    assert [one.__name__ for one in shape.RULES if list(one(bad))] == [rule.__name__]


@pytest.mark.parametrize(
    "ambient",
    [
        "time.time()",
        "date.today()",
        "uuid.uuid4()",
        "random.random()",
        "datetime.datetime.utcnow()",
    ],
)
def test_every_ambient_source_is_seen(ambient: str) -> None:
    """Time, ids and randomness are found however they are written."""
    assert list(shape.injected_clock(Module.of("web/bad.py", ambient)))


def test_an_injected_generator_is_no_ambient_source() -> None:
    """A `Random` that was handed in is allowed."""
    source = "from random import Random\ndef pick(chance: Random): return chance.random()"
    assert not list(shape.injected_clock(Module.of("web/good.py", source)))


def test_docstring_and_blank_lines_are_not_code() -> None:
    """The length of a function counts only lines that hold code."""
    source = (
        'def f():\n    """One.\n\n    Two.\n    """\n\n    # why\n    x = (\n        1\n    )\n'
    )
    assert list(shape.function_lengths(Module.of("web/x.py", source))) == [("f", 3)]


def test_functions_are_short_on_the_whole() -> None:
    """Half of all functions have at most 8 lines, nine in ten at most 20."""
    lengths = [lines for module in MODULES for _, lines in shape.function_lengths(module)]
    assert median(lengths) <= 8
    assert quantiles(lengths, n=10)[-1] <= 20


def test_the_tests_are_no_packages() -> None:
    """An `__init__.py` under tests would shadow the package it mirrors."""
    assert list((ROOT / "tests").rglob("__init__.py")) == []
