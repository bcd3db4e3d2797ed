"""Spans as Discord's Markdown."""

from datetime import UTC, datetime

import pytest

from domain.message import Span, bold, code, link, mention, moment, spans
from integrations.chat.discord.markup import block, escaped, markup, written

AT = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain words", "plain words"),
        ("disk_full *now* ~x~ `y` ||z||", r"disk\_full \*now\* \~x\~ \`y\` \|\|z\|\|"),
        ("@everyone <@1> <#2> <@&3>", r"\@everyone \<\@1> \<#2> \<\@&3>"),
        ("<t:1:R> <:x:1> </say:1>", r"\<t:1:R> \<:x:1> \</say:1>"),
        ("[pay](https://evil.example)", r"\[pay\](https\://evil.example)"),
        ("https://evil.example/a_b", r"https\://evil.example/a\_b"),
        ("a\n# b\n- c\n> d\n  -# e", "a\n\\# b\n\\- c\n\\> d\n  \\-# e"),
        ("1. one\n12) two\n3.5 s", "1\\. one\n12\\) two\n3\\.5 s"),
        ("\\*", r"\\\*"),
        ("a\u202eb\u200b", "a⟨U+202E⟩b"),
    ],
)
def test_plain_text_is_shown_as_it_was_written(text: str, shown: str):
    """No character of it means anything to Discord."""
    assert escaped(text) == shown


@pytest.mark.parametrize(
    ("span", "shown"),
    [
        (bold("Impact"), "**Impact**"),
        (bold(" a*b "), r" **a\*b** "),
        (bold("  "), "  "),
        (code("ack 42"), "`ack 42`"),
        (code("a`b"), r"a\`b"),
        (code(""), ""),
        (moment(AT), "<t:1795262400:f>"),
        (mention("bob", "Bob"), "<@7>"),
        (mention("carol", "@Carol"), r"\@Carol"),
        (
            link("timeline", "https://tocsin.example/i/1"),
            "[timeline](<https://tocsin.example/i/1>)",
        ),
        (link("a (b)", "https://x.example/(1)"), "[a (b)](<https://x.example/%281%29>)"),
        (link("bank.example", "/incidents/1"), "bank.example"),
        (link("x", "javascript:alert(1)"), "x"),
        (link("x", "https://bank.example@evil.example"), "x"),
        (link("a]b", "https://x.example"), r"a\]b <https://x.example>"),
        (
            link("https://bank.example", "https://x.example"),
            r"https\://bank.example <https://x.example>",
        ),
        (link("", "https://x.example"), "<https://x.example>"),
    ],
)
def test_only_a_spans_own_kind_makes_markup(span: Span, shown: str):
    """A link goes where it says, a mention to an account that is known."""
    assert markup(span, {"bob": "7"}) == shown


def test_verbatim_lines_stand_in_a_block():
    """Unless their own backticks would end it."""
    assert block("a\nb *c*") == "```\na\nb *c*\n```"
    assert block("```\n# x") == "\\`\\`\\`\n\\# x"


def test_what_does_not_fit_is_cut_before_it_is_escaped():
    """No half of an escape and no half of a link is ever sent, and what lacks is counted."""
    line = spans("_" * 10, bold("b" * 10), link("word", "https://x.example"))
    assert written(line, 100, {}).missing == 0
    assert written(line, 9, {}) == (r"\_" * 4, 20)
    assert written(line, 27, {}) == (r"\_" * 10 + "**bbb**", 11)
    assert written(line, 40, {}) == (r"\_" * 10 + "**" + "b" * 10 + "**", 4)
