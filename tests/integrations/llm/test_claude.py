"""The real client against a loopback Messages API: answers, budgets, and every way to fail."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import SecretStr

from domain.answers import ClassifyAnswer
from domain.errors import Permanent, Retry
from domain.llm import ModelFailed, ModelRetry, Reason
from domain.ports import Purpose
from domain.severity import Severity
from integrations.llm.circuit import REST
from integrations.llm.claude import Claude, ClaudeSettings
from tests.fakes.messages_api import (
    Step,
    cut,
    good,
    hang,
    huge,
    message,
    messages_api,
    nonsense,
    refusal,
    status,
    truncated,
)

ANSWER = {
    "severity": "SEV2",
    "service": "trino",
    "category": "database",
    "symptoms": ["ERROR"],
    "summary": "38 % of Trino queries fail.",
}
SOON = "0.01"
NEVER_SOON = "30"


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self):
        self.at = datetime(2026, 11, 21, 2, 6, tzinfo=UTC)

    def now(self):
        return self.at


def purpose(timeout_s=5.0):
    """A rendered prompt that must be answered within ``timeout_s``."""
    return Purpose(
        prompt="classify@1", system="s", request="r", max_tokens=400, timeout_s=timeout_s
    )


def claude(api, clock=None, **settings):
    """A client of the loopback API that hardly pauses between tries."""
    chosen = {"api_key": SecretStr("sk-ant-test"), "model": "claude-haiku-5-5", "pause_s": 0.01}
    given = ClaudeSettings.model_validate(chosen | {"base_url": api.url} | settings)
    return Claude(given, clock or Clock())


async def failure_of(script, timeout_s=5.0):
    """How asking fails, and how many requests were made."""
    async with messages_api(*script) as api:
        model = claude(api)
        with pytest.raises((Retry, Permanent)) as caught:
            await model.ask(purpose(timeout_s), ClassifyAnswer)
        await model.aclose()
        return caught.value, len(api.requests)


async def test_a_typed_answer_and_what_it_cost():
    """A good answer comes back as a value, with its tokens and its price."""
    async with messages_api(good(ANSWER, input_tokens=1000, output_tokens=100)) as api:
        model = claude(api)
        answer, spent = await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()
    assert answer == ClassifyAnswer.model_validate(ANSWER)
    assert answer.severity is Severity.SEV2
    assert (spent.model, spent.input_tokens, spent.output_tokens) == ("claude-haiku-5-5", 1000, 100)
    assert spent.cost_usd == pytest.approx(0.00015)


async def test_what_is_sent():
    """The request asks for the schema, without thinking where the model allows that."""
    async with messages_api(good(ANSWER)) as api:
        model = claude(api)
        await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()
    (request,) = api.requests
    assert request["system"] == "s"
    assert request["messages"] == [{"role": "user", "content": "r"}]
    assert request["max_tokens"] == 400
    assert request["thinking"] == {"type": "disabled"}
    shape = request["output_config"]["format"]["schema"]
    assert shape["additionalProperties"] is False
    assert set(shape["required"]) == set(ClassifyAnswer.model_fields)
    assert "sk-ant-test" not in api.sent


async def test_models_that_always_think_are_not_told_not_to():
    """For other models the request says nothing about thinking."""
    async with messages_api(good(ANSWER)) as api:
        model = claude(api, model="claude-opus-5-5")
        await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()
    assert "thinking" not in api.requests[0]


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (status(401), Reason.UNAUTHORISED),
        (status(403), Reason.UNAUTHORISED),
        (status(400), Reason.REJECTED),
        (status(413), Reason.REJECTED),
        (Step(b"", 302, {"location": "http://127.0.0.1:9/"}), Reason.REJECTED),
        (refusal(), Reason.REFUSAL),
        (truncated(), Reason.TRUNCATED),
        (nonsense(), Reason.NOT_JSON),
        (message("not json at all", "end_turn"), Reason.NOT_JSON),
        (message("[" * 100_000, "end_turn"), Reason.NOT_JSON),
        (message("", "end_turn"), Reason.NOT_JSON),
        (good({**ANSWER, "severity": "SEV0"}), Reason.WRONG_SHAPE),
        (good({**ANSWER, "category": "rm -rf /"}), Reason.WRONG_SHAPE),
        (good({**ANSWER, "run": "rollback"}), Reason.WRONG_SHAPE),
        (message("", "tool_use"), Reason.NOT_JSON),
        (Step(b'{"type":"message"}'), Reason.WRONG_SHAPE),
        (Step(b'{"content":[],"stop_reason":"end_turn","usage":{"input_tokens":-1,'
              b'"output_tokens":1}}'), Reason.WRONG_SHAPE),
        (huge(), Reason.TOO_LARGE),
    ],
)  # fmt: skip
async def test_what_cannot_be_helped_is_permanent(step, reason):
    """One request, no second try, and the reason by name."""
    failure, requests = await failure_of([step])
    assert isinstance(failure, ModelFailed)
    assert failure.reason is reason
    assert str(failure) == f"model: {reason.value}"
    assert requests == 1


@pytest.mark.parametrize(
    ("step", "reason"),
    [
        (status(429, SOON), Reason.RATE_LIMITED),
        (status(529), Reason.OVERLOADED),
        (status(500), Reason.SERVER_ERROR),
        (status(502, "nonsense"), Reason.SERVER_ERROR),
        (status(408), Reason.TIMEOUT),
        (cut(), Reason.UNREACHABLE),
        (Step(ending="cut"), Reason.NOT_JSON),
    ],
)
async def test_what_may_pass_is_tried_twice(step, reason):
    """A busy or broken other side is asked once more; then the job runs again later."""
    failure, requests = await failure_of([step])
    assert failure.reason is reason
    assert isinstance(failure, ModelFailed if reason is Reason.NOT_JSON else ModelRetry)
    assert requests == (1 if reason is Reason.NOT_JSON else 2)


@pytest.mark.parametrize("first", [status(429, SOON), status(529), cut()])
async def test_the_second_try_may_succeed(first):
    """A failure that passes costs nothing but a moment."""
    async with messages_api(first, good(ANSWER)) as api:
        model = claude(api)
        answer, _ = await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()
    assert answer.service == "trino"
    assert len(api.requests) == 2


async def test_retry_after_beyond_the_budget_is_handed_to_the_job():
    """No second try is made before the API allows one; the job learns when."""
    failure, requests = await failure_of([status(429, NEVER_SOON)])
    assert failure.after == timedelta(seconds=30)
    assert requests == 1


@pytest.mark.parametrize(("written", "after"), [("1e9", 3600), ("nan", None), ("-1", None)])
async def test_a_senseless_retry_after_is_bounded(written, after):
    """At most an hour; what is no number counts as not said."""
    failure, _ = await failure_of([status(429, written)])
    assert failure.after == (after and timedelta(seconds=after))


async def test_a_hanging_api_ends_with_the_budget():
    """Without an answer the call ends when the prompt's time is up."""
    failure, requests = await failure_of([hang()], timeout_s=0.2)
    assert isinstance(failure, ModelRetry)
    assert failure.reason is Reason.TIMEOUT
    assert requests == 1


async def test_a_second_try_has_only_the_time_that_is_left():
    """Both tries share one budget."""
    failure, requests = await failure_of([status(529), hang()], timeout_s=0.4)
    assert failure.reason is Reason.TIMEOUT
    assert requests == 2


async def test_nobody_there():
    """A refused connection is retried by the job."""
    async with messages_api(good(ANSWER)) as api:
        address = api.url
    model = Claude(
        ClaudeSettings(api_key=SecretStr("k"), model="m", base_url=address, pause_s=0), Clock()
    )
    with pytest.raises(ModelRetry, match="unreachable"):
        await model.ask(purpose(), ClassifyAnswer)
    await model.aclose()


@pytest.mark.parametrize(
    "settings",
    [
        {"api_key": SecretStr("two\nlines")},
        {"api_key": SecretStr("")},
        {"base_url": "http://[nowhere"},
        {"base_url": "http://127.0.0.1:99999"},
        {"base_url": "nonsense"},
    ],
)
async def test_settings_that_cannot_work(settings):
    """A key or an address that cannot be used is a failure by name, not a crash."""
    async with messages_api(status(401)) as api:
        model = claude(api, **settings)
        with pytest.raises((ModelRetry, ModelFailed)):
            await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()


async def test_a_text_that_cannot_be_encoded():
    """Half a character, as broken input may hold, is a failure by name."""
    async with messages_api(good(ANSWER)) as api:
        model = claude(api)
        broken = purpose().model_copy(update={"request": "\ud800"})
        with pytest.raises(ModelFailed, match="rejected"):
            await model.ask(broken, ClassifyAnswer)
        await model.aclose()
    assert api.requests == []


async def test_closing_before_the_first_question():
    """A client that nobody has asked has nothing to close."""
    model = Claude(ClaudeSettings(api_key=SecretStr("k"), model="m"), Clock())
    await model.aclose()


async def test_the_cost_of_a_useless_answer_is_known():
    """A refusal and a cut answer are billed, so they count against the budget."""
    for step in (refusal(), truncated(), good({"a": 1})):
        failure, _ = await failure_of([step])
        assert failure.spent.cost_usd > 0


async def test_three_failures_open_the_circuit():
    """After three in a row nobody asks for a minute; then one trial goes out."""
    clock = Clock()
    async with messages_api(nonsense()) as api:
        model = claude(api, clock)
        for _ in range(3):
            with pytest.raises(ModelFailed):
                await model.ask(purpose(), ClassifyAnswer)
        with pytest.raises(ModelRetry, match="circuit open") as caught:
            await model.ask(purpose(), ClassifyAnswer)
        assert caught.value.after == REST
        assert len(api.requests) == 3
        clock.at += REST
        api.script = [good(ANSWER)]
        await model.ask(purpose(), ClassifyAnswer)
        await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()
    assert len(api.requests) == 5


async def test_refusals_do_not_open_the_circuit():
    """A model that declines one text still answers others."""
    async with messages_api(refusal()) as api:
        model = claude(api)
        for _ in range(4):
            with pytest.raises(ModelFailed, match="refusal"):
                await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()
    assert len(api.requests) == 4


async def test_an_attackers_answer_is_a_value_with_no_links():
    """Whatever it says, the answer is a choice from closed lists and a line of plain text."""
    said = "![x](https://evil.example/?q=canary) \u202eSee www.evil.example\n/rollback trino"
    async with messages_api(good({**ANSWER, "summary": said})) as api:
        model = claude(api)
        answer, _ = await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()
    assert "evil.example" not in answer.summary
    assert "\u202e" not in answer.summary
    assert "\n" not in answer.summary


async def test_the_key_is_in_no_failure_and_no_body():
    """The key travels in its header only."""
    async with messages_api(status(401)) as api:
        model = claude(api)
        with pytest.raises(ModelFailed) as caught:
            await model.ask(purpose(), ClassifyAnswer)
        await model.aclose()
    assert api.headers[0]["authorization"] == "Bearer sk-ant-test"
    assert "sk-ant-test" not in repr(caught.value) + json.dumps(api.requests)
