"""A runbook and its plan, as people read them."""

from domain.message import Code
from domain.plain import plain
from domain.runbook import Runbook
from domain.runbook_card import MOST_PLAN, plan_message, runbook_card, shortened
from tests.domain.test_run import run


def test_what_it_is_about_what_it_is_told_and_what_it_does():
    """The steps stand once, however they were written in the page."""
    made = Runbook.model_validate(
        {
            "id": "restart",
            "title": "Restart",
            "service": "trino",
            "body": "Look first.\n\n```yaml step\nname: Ask\nmanual: a\n```\n",
            "automatic": {"match": "alertname=Stuck"},
            "parameters": [
                {"name": "host", "description": "which one", "default": "db-3"},
                {"name": "where", "type": "choice", "choices": ["eu", "us"]},
            ],
            "steps": [
                {"name": "Ask", "manual": "a"},
                {"name": "Go", "command": ["a"], "for_each": "workers", "undo": {"manual": "b"}},
                {"name": "Below", "call": "other"},
            ],
        }
    )
    told = plain(runbook_card(made, "runbooks.git"))
    for said in (
        "Look first.",
        "1. Ask (by hand)",
        "2. Go (command, disruptive, for each of workers, can be undone)",
        "3. Below (calls other)",
        "It is told: host (text, db-3 when left out): which one; where (eu or us)",
        "It may run by itself where an alert fits alertname=Stuck: at most 1 an hour",
        f"restart · version {made.version} · prod · trino · from runbooks.git",
    ):
        assert said in told
    assert "yaml step" not in told


def test_one_that_says_nothing_has_its_title():
    """And where it is from only where that is known."""
    made = Runbook(id="r", title="R")
    assert plain(runbook_card(made, None)).splitlines() == [
        "R",
        f"r · version {made.version} · prod",
    ]


def test_a_long_plan_says_how_much_is_missing():
    """Nothing is cut in silence."""
    assert shortened("short", 10) == "short"
    assert shortened("x" * 12, 10) == f"{'x' * 10}\n[truncated, 2 more characters]"
    long = plan_message(run(*({} for _ in range(99))).plan)
    (text,) = [one.text for one in long.nodes if isinstance(one, Code)]
    assert "more characters]" in text[MOST_PLAN:]
