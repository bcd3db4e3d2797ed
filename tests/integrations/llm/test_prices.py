"""What a call costs."""

import pytest

from integrations.llm.prices import UNKNOWN, cost_usd, model_of


@pytest.mark.parametrize(
    ("name", "usd"),
    [
        ("claude-haiku-5-5", 0.60),
        ("claude-haiku-4-5-20251001", 6),
        ("claude-sonnet-5-5", 12),
        ("claude-sonnet-4-6", 18),
        ("claude-opus-5-5", 24),
        ("claude-opus-4-8", 30),
        ("claude-fable-5-1", 60),
        ("some-model-behind-a-proxy", 60),
    ],
)
def test_a_million_tokens_each_way(name, usd):
    """List price by the start of the name; an unknown model counts as the dearest."""
    assert cost_usd(name, 1_000_000, 1_000_000) == pytest.approx(usd)


def test_an_unknown_model_is_told_nothing_about_thinking():
    """What a model does not know would make it refuse the request."""
    assert model_of("m") is UNKNOWN
    assert not UNKNOWN.quiet
