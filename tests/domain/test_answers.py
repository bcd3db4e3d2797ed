"""What a model may answer is closed and short, and holds no links."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.answers import ClassifyAnswer, PostmortemAnswer, plain

ANSWER = {
    "severity": "SEV3",
    "service": None,
    "category": "compute",
    "symptoms": ["DELAY"],
    "summary": "Slow.",
}


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "SEV6"},
        {"category": "everything"},
        {"symptoms": ["PANIC"]},
        {"summary": None},
        {"command": "silence all"},
        {"tool_calls": [{"name": "rollback"}]},
    ],
)
def test_anything_else_is_refused(change):
    """Other choices and other fields make the answer invalid."""
    with pytest.raises(ValidationError):
        ClassifyAnswer.model_validate(ANSWER | change)


def test_a_long_text_is_cut_and_a_long_list_shortened():
    """One long sentence does not lose the answer, and no answer is long."""
    many = [{"text": "x " * 1000, "cites": ["F1"] * 50}] * 50
    answer = PostmortemAnswer.model_validate(dict.fromkeys(PostmortemAnswer.model_fields, many))
    assert len(answer.summary) == 6
    assert len(answer.summary[0].cites) == 8
    assert len(answer.summary[0].text) <= 300
    assert answer.summary[0].text.endswith("…")


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/?q=1",
        "HTTP://evil.example",
        "![alt](http://evil.example/x.png)",
        "<https://evil.example|click>",
        "www.evil.example",
        "evil.example/collect?canary",
        "javascript:alert(1)",
        "data:text/html;base64,AAAA",
        "mailto:evil@evil.example",
        "slack://channel",
        "ht\u200btps://evil.example/",
    ],
)
def test_links_are_taken_out(link):
    """No form of address survives in a model's words."""
    assert "[link removed]" in plain(f"See {link} now")
    assert "evil.example/" not in plain(f"See {link} now")


@pytest.mark.parametrize(
    "text",
    ["trino-1.prod:8080 fails", "5/7 pods", "v2.3.1 at 02:06", "and/or", "/var/lib/x is full"],
)
def test_ordinary_words_stay(text):
    """Hosts, versions, times and paths are no links."""
    assert plain(text) == text


HOSTILE = Path("../shared/data/hostile/hostile_strings.jsonl")


@pytest.mark.skipif(not HOSTILE.exists(), reason="no hostile strings here")
def test_no_hostile_string_leaves_a_link_or_a_hidden_mark():
    """Over the whole corpus: no scheme, no control character, no text that turns around."""
    texts = [json.loads(line)["s"] for line in HOSTILE.read_text("utf-8").splitlines()]
    assert len(texts) > 3000
    for text in map(plain, texts):
        assert "://" not in text
        assert not any(ord(one) < 32 or one in "\u202e\u200b\ufeff" for one in text)


@given(st.text(max_size=200))
def test_plain_text_is_one_settled_line(text):
    """Cleaning twice changes nothing more, and there is one line."""
    once = plain(text)
    assert plain(once) == once
    assert "\n" not in once
