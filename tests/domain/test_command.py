"""How a command is declared, and found."""

from typing import Any

import pytest

from domain.actor import Role, Scope
from domain.call import Reply
from domain.command import Grant, Registry, Words, command
from tests.fakes.sample_commands import SAMPLE, Target, made


def test_declaration_is_complete():
    """Name, grant, examples and docstring make the command; reading writes nothing."""

    @command("incident show", Grant(Role.MEMBER, Scope.READ), examples=("/incident show",))
    async def show(ctx: Any, args: Target) -> Reply:
        """Show it.

        Only to you.
        """
        raise AssertionError

    assert (show.noun, show.verb, show.summary) == ("incident", "show", "Show it.")
    assert (show.args, show.writes) == (Target, False)


def test_command_without_a_docstring_has_no_summary():
    """The registry's own test then names it."""

    @command("incident poke", Grant(Role.MEMBER), examples=("/incident poke",))
    async def poke(ctx: Any, args: Target) -> Reply:
        raise AssertionError

    assert (poke.summary, poke.writes) == ("", True)


def test_spellings_begin_with_the_canonical_one():
    """Synonyms follow their noun, further roots stand alone."""
    made_one = made("incident note", Target, words=Words(("n",), ("jot down",)))
    assert made_one.spellings == ("incident note", "incident n", "jot down")


@pytest.mark.parametrize(
    ("other", "clash"),
    [
        (made("incident note", Target), "incident note"),
        (made("incident nod", Target, words=Words(("n",))), "incident n"),
        (made("page send", Target, words=Words((), ("incident n",))), "incident n"),
    ],
)
def test_two_commands_of_one_spelling_are_refused(other, clash):
    """What a line means never depends on which command came first."""
    note = made("incident note", Target, words=Words(("n",)))
    with pytest.raises(ValueError, match=f"/{clash} is both"):
        Registry.of((note, other))


def test_nouns_and_what_is_beneath_them():
    """Roots in order, each with its commands by name."""
    assert SAMPLE.nouns == ("admin", "alert", "help", "incident", "oncall", "page")
    assert [one.verb for one in SAMPLE.of_noun("oncall")] == ["cover", "override", "who"]
    assert SAMPLE.of_noun("teapot") == ()
