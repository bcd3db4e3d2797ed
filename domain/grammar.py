"""A typed line becomes a command with its arguments, or a question back; never an exception.

``/incident declare checkout down sev:2`` and ``inc new "checkout down" --sev 2`` are one call.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from domain.args import Slot, slots_of
from domain.arguments import NAMED, fill
from domain.base import Frozen
from domain.command import Command, Registry
from domain.spellings import BARE, DECLARE, HABITS, MAIN_NOUN, PAGE_REPLIES, Defaults
from domain.suggest import nearest
from domain.tokens import Token, quote, split, text_of

HELP = ("?", "help", "-h", "--help")
DEFAULTS = Defaults()


class Parsed(Frozen):
    """A command's canonical name, and its arguments as typed; the argument model reads them."""

    command: str
    args: dict[str, str]


class Question(Frozen):
    """Why a line is no call yet, always answered privately.

    ``menu`` and ``help`` are about ``topic`` (a noun, a command's name, or empty for everything).
    ``suggestions`` are whole lines to type instead; ``offer`` is a call to show as a form, never
    to make at once.
    """

    kind: Literal["help", "menu", "unknown", "did_you_mean"]
    text: str
    topic: str = ""
    suggestions: tuple[str, ...] = ()
    offer: Parsed | None = None


def parse(line: str, registry: Registry, defaults: Defaults = DEFAULTS) -> Parsed | Question:
    """Read ``line``, with or without its slash, as typed in a place with ``defaults``."""
    words = split(line.strip().removeprefix("/"))
    return _Grammar(registry, defaults).line(words)


def canonical(command: Command, args: Mapping[str, str]) -> str:
    """The line that `parse` reads back as ``command`` with ``args``, as short as can be."""
    short = _line(command, [_short(slot, args[slot.name]) for slot in _order(command, args)])
    words = split(short)[2:]
    exact = all(fill(command, words, room).args == args for room in (None, "INC-1"))
    if exact and not _is_help(words):
        return short
    named = [f"{slot.name}:{quote(args[slot.name])}" for slot in _order(command, args)]
    return _line(command, named)


class _Grammar:
    """One registry, seen from one place."""

    def __init__(self, registry: Registry, defaults: Defaults) -> None:
        self.registry = registry
        self.defaults = defaults

    def line(self, words: Sequence[Token]) -> Parsed | Question:
        """The whole line, the slash gone."""
        words = self._without_root(words)
        if not words:
            return Question(kind="menu", text="What do you want to do?")
        if words[0].raw.lower() in HELP and "help" not in self.registry.nouns:
            return self._help("", words[1:])
        if words[0].raw == "?":
            return self._help("", words[1:])
        return self._root(words) or self._noun(words) or self._rootless(words)

    def _without_root(self, words: Sequence[Token]) -> Sequence[Token]:
        if not words or words[0].raw.lower() != self.defaults.root:
            return words
        following = self._noun_of(words[1]) if len(words) > 1 else None
        return words if self.defaults.root in self.registry.nouns and not following else words[1:]

    def _noun_of(self, word: Token) -> str | None:
        typed = word.raw.lower().removeprefix("/")
        noun = self.defaults.aliases.get(typed, typed)
        return noun if noun in self.registry.nouns else None

    def _root(self, words: Sequence[Token]) -> Parsed | Question | None:
        """A further whole spelling that a command declares, or a habit of many."""
        for command in self.registry.commands.values():
            for root in command.roots:
                if _begins(words, root):
                    return self._arguments(command, words[len(root.split()) :])
        return None

    def _noun(self, words: Sequence[Token]) -> Parsed | Question | None:
        noun = self._noun_of(words[0])
        if noun is None:
            return self._habit(_lower(words[:1]), words[1:])
        rest = words[1:]
        if not rest:
            return self._bare_noun(noun)
        if rest[0].raw.lower() in HELP:
            return self._help(noun, rest[1:])
        return self._verb(noun, rest) or self._no_verb(noun, rest)

    def _bare_noun(self, noun: str) -> Parsed | Question:
        default = self._default(noun)
        if default is not None:
            return Parsed(command=default.name, args={})
        return Question(kind="menu", text=f"What do you want to do with /{noun}?", topic=noun)

    def _default(self, noun: str) -> Command | None:
        return self.registry.commands.get(f"{noun} {self.defaults.verbs.get(noun, '')}")

    def _verb(self, noun: str, words: Sequence[Token]) -> Parsed | Question | None:
        """The canonical verb, a habit, a synonym, or another root after this one."""
        typed = f"{noun} {words[0].raw.lower()}"
        if command := self.registry.commands.get(typed):
            return self._arguments(command, words[1:])
        if habit := self._habit(typed, words[1:]):
            return habit
        if command := self._synonym(noun, words[0]):
            return self._arguments(command, words[1:])
        return self._other_root(words)

    def _habit(self, typed: str, rest: Sequence[Token]) -> Parsed | Question | None:
        only_ids = all(NAMED["incident"].fullmatch(word.raw) for word in rest)
        meant = HABITS.get(typed) or (BARE.get(typed) if only_ids else None)
        return self._instead(meant, rest) if meant else None

    def _instead(self, meant: str, rest: Sequence[Token]) -> Parsed | Question | None:
        noun, verb, *filled = split(meant)
        command = self.registry.commands.get(f"{noun.raw} {verb.raw}")
        command = command or self._synonym(noun.raw, verb)
        return self._arguments(command, (*filled, *rest)) if command else None

    def _synonym(self, noun: str, word: Token) -> Command | None:
        """One letter counts only in lower case: “A customer says …” is no action item."""
        typed = word.raw if len(word.raw) == 1 else word.raw.lower()
        found = (one for one in self.registry.of_noun(noun) if typed in one.synonyms)
        return next(found, None)

    def _other_root(self, words: Sequence[Token]) -> Parsed | Question | None:
        """``/incident alert list``, but not ``/incident alert storm on checkout``."""
        noun = self._noun_of(words[0])
        if noun is None:
            return None
        if len(words) == 1:
            return self._bare_noun(noun)
        command = self.registry.commands.get(f"{noun} {words[1].raw.lower()}")
        return self._arguments(command, words[2:]) if command else None

    def _no_verb(self, noun: str, words: Sequence[Token]) -> Parsed | Question:
        default = self._default(noun)
        if default is not None and _begins_with_text(default):
            return self._arguments(default, words)
        otherwise = self._arguments(default, words) if default else self._declaration(noun, words)
        if typo := self._typo_of_verb(noun, words):
            return self._did_you_mean(noun, typo, words[1:], otherwise)
        return otherwise or self._no_such_verb(noun, words)

    def _typo_of_verb(self, noun: str, words: Sequence[Token]) -> Command | None:
        verbs = {
            verb: one for one in self.registry.of_noun(noun) for verb in (one.verb, *one.synonyms)
        }
        near = nearest(words[0].raw, verbs)
        return verbs[near] if near else None

    def _did_you_mean(
        self,
        noun: str,
        meant: Command,
        rest: Sequence[Token],
        otherwise: Parsed | Question | None,
    ) -> Question:
        line = f"/{noun} {meant.verb} {text_of(rest)}".strip()
        offer = otherwise.offer if isinstance(otherwise, Question) else otherwise
        text = f"Did you mean {meant.verb}? Type {line}"
        return Question(kind="did_you_mean", text=text, suggestions=(line,), offer=offer)

    def _declaration(self, noun: str, words: Sequence[Token]) -> Question | None:
        """Words after the main root offer a form; in an incident's room they may be a note."""
        declare = self.registry.commands.get(DECLARE)
        if noun != MAIN_NOUN or declare is None:
            return None
        filled = fill(declare, words, self.defaults.incident)
        offer = Parsed(command=DECLARE, args=filled.args)
        line = canonical(declare, filled.args)
        text = f"No command begins with “{words[0].raw}”. To declare an incident, type {line}"
        return Question(kind="unknown", text=text, topic=noun, suggestions=(line,), offer=offer)

    def _no_such_verb(self, noun: str, words: Sequence[Token]) -> Question:
        verbs = ", ".join(one.verb for one in self.registry.of_noun(noun))
        text = f"/{noun} has no “{words[0].raw}”. It has: {verbs}"
        return Question(kind="unknown", text=text, topic=noun, suggestions=(f"/{noun} help",))

    def _rootless(self, words: Sequence[Token]) -> Parsed | Question:
        """A page's reply, or a verb of the main root as after a mention: ``resolve fixed``."""
        reply = PAGE_REPLIES.get(words[0].raw.lower()) if self._is_reply(words) else None
        answered = self._instead(reply, words[1:]) if reply else None
        if answered is not None:
            return answered
        if len(words[0].raw) > 1 and MAIN_NOUN in self.registry.nouns:
            found = self._verb(MAIN_NOUN, words)
            if found is not None:
                return found
        return self._unknown(words)

    def _is_reply(self, words: Sequence[Token]) -> bool:
        return self.defaults.incident is None and len(words) <= 2

    def _unknown(self, words: Sequence[Token]) -> Question:
        typed = words[0].raw
        root = nearest(typed, (*self.registry.nouns, *self.defaults.aliases))
        if root is not None:
            line = f"/{root} {text_of(words[1:])}".strip()
            text = f"Did you mean /{root}? Type {line}"
            return Question(kind="did_you_mean", text=text, suggestions=(line,))
        if verb := self._typo_of_verb(MAIN_NOUN, words):
            return self._did_you_mean(MAIN_NOUN, verb, words[1:], None)
        text = f"I know no command “{typed}”. Type /help to see what you can do"
        return Question(kind="unknown", text=text, suggestions=("/help",))

    def _arguments(self, command: Command, words: Sequence[Token]) -> Parsed | Question:
        if _is_help(words):
            return self._help(command.name, ())
        filled = fill(command, words, self.defaults.incident)
        if not filled.problem:
            return Parsed(command=command.name, args=filled.args)
        example = command.examples[0] if command.examples else f"/{command.name} help"
        if not filled.right:
            text = f"{filled.problem}. For example: {example}"
            return Question(
                kind="unknown", text=text, topic=command.name, suggestions=command.examples
            )
        typed = text_of(words).replace(filled.wrong, filled.right, 1)
        line = f"/{command.name} {typed}"
        text = f"{filled.problem}. Did you mean {filled.right}? Type {line}"
        return Question(kind="did_you_mean", text=text, topic=command.name, suggestions=(line,))

    def _help(self, prefix: str, words: Sequence[Token]) -> Question:
        topic = " ".join((prefix, *(word.raw.lower() for word in words))).strip()
        return Question(kind="help", text=f"Help: {topic or 'everything'}", topic=topic)


def _is_help(words: Sequence[Token]) -> bool:
    return len(words) == 1 and words[0].raw.lower() in HELP


def _lower(words: Sequence[Token]) -> str:
    return " ".join(word.raw.lower() for word in words)


def _begins(words: Sequence[Token], root: str) -> bool:
    return _lower(words[: len(root.split())]) == root.lower()


def _begins_with_text(command: Command) -> bool:
    positions = [slot for slot in slots_of(command.args) if slot.positional]
    return bool(positions) and positions[0].arg.kind == "text"
