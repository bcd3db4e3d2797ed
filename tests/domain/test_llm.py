"""When a model may be asked, and how a call is named."""

import pytest

from domain.answers import CatchupAnswer, ClassifyAnswer
from domain.errors import Permanent, Retry
from domain.llm import (
    ModelFailed,
    ModelPolicy,
    ModelRetry,
    Question,
    Reason,
    call_key,
    may_ask,
)
from domain.ports import ModelAnswer, Purpose

POLICY = ModelPolicy()
QUESTION = Question(purpose="classify", private=False, service="trino")
PURPOSE = Purpose(prompt="classify@1", system="s", request="r", max_tokens=1, timeout_s=1)


def test_a_listed_affordable_question_is_allowed():
    """By default classify may use a model."""
    assert may_ask(POLICY, QUESTION).allowed


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"private": True}, "private"),
        ({"purpose": "ask"}, "llm.purposes"),
        ({"purpose": "cause"}, "llm.purposes"),
        ({"service": "payroll", "never": True}, "llm: never"),
        ({"spent_usd": 0.01}, "budget"),
        ({"calls_last_minute": 60}, "last minute"),
    ],
)
def test_what_may_not_be_asked(changes, why):
    """Private incidents, unlisted purposes, closed services and used-up budgets are kept in."""
    verdict = may_ask(POLICY, QUESTION.model_copy(update=changes))
    assert not verdict.allowed
    assert why in verdict.reason


def test_private_incidents_only_where_the_setting_says_so():
    """``llm.private`` opens them."""
    policy = POLICY.model_copy(update={"private": True})
    assert may_ask(policy, QUESTION.model_copy(update={"private": True})).allowed


@pytest.mark.parametrize("failure", [ModelRetry, ModelFailed])
def test_a_failure_says_why_and_what_it_cost(failure):
    """The reason is stable; the cost of a useless answer is not lost."""
    spent = ModelAnswer(model="m", input_tokens=1, output_tokens=1, cost_usd=0.1)
    caught = failure(Reason.TRUNCATED, spent=spent)
    assert issubclass(failure, (Retry, Permanent))
    assert str(caught) == "model: truncated"
    assert (caught.reason, caught.spent) == (Reason.TRUNCATED, spent)


def test_a_call_is_named_by_everything_that_shapes_its_answer():
    """Another prompt version, model, text or schema is another call; the same is the same."""
    keys = {
        call_key("m", PURPOSE, ClassifyAnswer),
        call_key("m2", PURPOSE, ClassifyAnswer),
        call_key("m", PURPOSE, CatchupAnswer),
        call_key("m", PURPOSE.model_copy(update={"prompt": "classify@2"}), ClassifyAnswer),
        call_key("m", PURPOSE.model_copy(update={"request": "r2"}), ClassifyAnswer),
    }
    assert len(keys) == 5
    assert call_key("m", PURPOSE, ClassifyAnswer) in keys
