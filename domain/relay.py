"""What is said in one room of an incident and read in its other rooms too (rules.md 18)."""

import re

from domain.base import Frozen

MENTION = re.compile(r"(?<![\w@])@(\w[\w.-]*)")
QUESTION = re.compile(r"[?？](?=\s|$)")
NOBODY_IN_PARTICULAR = frozenset({"here", "channel", "everyone", "tocsin"})


class Relay(Frozen):
    """What of one room's talk goes on to the others of ``incident``.

    ``people`` respond to it or hold a role in it. On a bridge ``everything`` goes on.
    """

    incident: str
    everything: bool = False
    people: frozenset[str] = frozenset()

    def takes(self, text: str) -> bool:
        """Whether words in the room are for people in the other rooms as well."""
        return self.everything or is_direct_question(text, self.people)


def is_direct_question(text: str, people: frozenset[str]) -> bool:
    """Whether somebody is asked by name: one of ``people``, or anybody with a question mark."""
    mentioned = {one.rstrip(".").lower() for one in MENTION.findall(text)} - NOBODY_IN_PARTICULAR
    asks = QUESTION.search(text) is not None
    return not mentioned.isdisjoint(people) or (bool(mentioned) and asks)
