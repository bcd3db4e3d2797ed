"""A typed line becomes a command with its arguments, or a question back; never an exception.

``/incident declare checkout down sev:2`` and ``inc new "checkout down" --sev 2`` are one call.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Literal

from domain.args import INCIDENT, Slot, slots_of
from domain.arguments import NAMED, SEVERITY, Filled, fill
from domain.base import Frozen
from domain.command import Command, Registry
from domain.spellings import (
    BARE,
    DECLARE,
    HABITS,
    MAIN_NOUN,
    NOTE,
    PAGE_REPLIES,
    SEVERITY_COMMAND,
    WHOLE,
    Defaults,
)
from domain.suggest import nearest
from domain.tokens import Token, as_typed, quote, split

PLAIN = re.compile(r"[\w@][\w@.#+-]*")
HELP = ("?", "help", "-h", "--help")
LONGEST = 20_000
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
    if len(line) > LONGEST:
        return Question(kind="unknown", text=f"Type at most {LONGEST} characters in one line.")
    grammar = _Grammar(registry, defaults)
    return grammar.line(split(grammar.without_prefix(line.strip().removeprefix("/"))))


def canonical(command: Command, args: Mapping[str, str]) -> str:
    """The line that `parse` reads back as ``command`` with ``args``, as short as can be."""
    given = [(slot, args[slot.name]) for slot in _in_order(command) if slot.name in args]
    words = " ".join(_short(slot, value) for slot, value in given)
    read = [fill(command, split(words), room) for room in (None, "INC-1")]
    if any(filled.problem or filled.args != args for filled in read):
        words = " ".join(f"{slot.name}:{quote(value)}" for slot, value in given)
    return f"/{command.name} {words}".strip()


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
        if words[0].raw.lower() in HELP and self._noun_of(words[0]) is None:
            return self._help("", words[1:])
        return self._root(words) or self._noun(words) or self._rootless(words)

    def without_prefix(self, line: str) -> str:
        """``acme-incident list`` as ``incident list``; ``acme-corp is down`` stays."""
        prefix = self.defaults.prefix
        if not prefix or not line.lower().startswith(prefix):
            return line
        bare = line[len(prefix) :]
        known = (*self.registry.nouns, *self.defaults.aliases, *self.defaults.roots)
        return bare if bare.lower().partition(" ")[0] in known else line

    def _without_root(self, words: Sequence[Token]) -> Sequence[Token]:
        root = words[0].raw.lower() if words else ""
        if root not in self.defaults.roots:
            return words
        following = self._noun_of(words[1]) if len(words) > 1 else None
        return words if root in self.registry.nouns and not following else words[1:]

    def _noun_of(self, word: Token) -> str | None:
        typed = word.raw.lower().removeprefix("/")
        noun = self.defaults.aliases.get(typed, typed)
        return noun if noun in self.registry.nouns else None

    def _root(self, words: Sequence[Token]) -> Parsed | Question | None:
        """A further whole spelling that a command declares."""
        for command in self.registry.commands.values():
            for root in command.roots:
                if _begins(words, root):
                    return self._arguments(command, words[len(root.split()) :])
        return None

    def _noun(self, words: Sequence[Token]) -> Parsed | Question | None:
        noun = self._noun_of(words[0])
        if noun is None:
            return self._instead(HABITS.get(_lower(words[:1])), words[1:])
        rest = self._verb_first(noun, words[1:])
        if not rest:
            return self._bare_noun(noun)
        if rest[0].raw.lower() in HELP:
            return self._help(noun, rest[1:])
        return self._verb(noun, rest) or self._no_verb(noun, rest)

    def _verb_first(self, noun: str, words: Sequence[Token]) -> Sequence[Token]:
        """``/incident INC-42`` shows it, and ``/incident INC-42 resolve`` resolves it."""
        if not words or not any(one.fullmatch(words[0].raw) for one in NAMED.values()):
            return words
        if len(words) == 1:
            return (*split("show"), *words) if self._command(noun, split("show")[0]) else words
        return (words[1], words[0], *words[2:]) if self._command(noun, words[1]) else words

    def _bare_noun(self, noun: str) -> Parsed | Question:
        default = self._default(noun)
        if default is not None:
            return Parsed(command=default.name, args={})
        return Question(kind="menu", text=f"What do you want to do with /{noun}?", topic=noun)

    def _default(self, noun: str) -> Command | None:
        return self.registry.commands.get(f"{noun} {self.defaults.verbs.get(noun, '')}")

    def _verb(self, noun: str, words: Sequence[Token]) -> Parsed | Question | None:
        """The canonical verb, a synonym, a habit of many, or another root after this one."""
        if said := self._whole(noun, words):
            return said
        typed = f"{noun} {words[0].raw.lower()}"
        only_ids = all(INCIDENT.fullmatch(word.raw) for word in words[1:])
        bare = self.registry.commands.get(BARE.get(typed, "")) if only_ids else None
        if command := bare or self._command(noun, words[0]):
            found = self._arguments(command, words[1:])
            return _asked_first(command, found) if len(words[0].raw) == 1 else found
        if habit := self._instead(HABITS.get(typed), words[1:]):
            return habit
        return self._other_root(words) if noun == MAIN_NOUN else None

    def _whole(self, noun: str, words: Sequence[Token]) -> Parsed | Question | None:
        """A line that is a habit as a whole, but for an incident's id."""
        ids = [word for word in words if INCIDENT.fullmatch(word.raw)]
        others = [word for word in words if word not in ids]
        return self._instead(WHOLE.get(f"{noun} {_lower(others)}"), ids)

    def _instead(self, meant: str | None, rest: Sequence[Token]) -> Parsed | Question | None:
        command = self.registry.commands.get(meant or "")
        return self._arguments(command, rest) if command else None

    def _command(self, noun: str, word: Token) -> Command | None:
        """One letter counts only in lower case: “A customer says …” is no action item."""
        typed = word.raw if len(word.raw) == 1 else word.raw.lower()
        beneath = self.registry.of_noun(noun)
        return next((one for one in beneath if typed in (one.verb, *one.synonyms)), None)

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
        if default is not None:
            return self._default_or_typo(noun, default, words)
        declaration = self._declaration(words) if noun == MAIN_NOUN else None
        if typo := self._typo_of_verb(noun, words[0].raw):
            offer = declaration.offer if declaration else None
            return _did_you_mean(f"/{noun} {typo}", words[1:], offer)
        return declaration or self._no_such_verb(noun, words)

    def _default_or_typo(
        self, noun: str, default: Command, words: Sequence[Token]
    ) -> Parsed | Question:
        """A short word is sooner a name than a typo: ``/page sena`` rings Sena."""
        found = self._arguments(default, words)
        long = len(words[0].raw) > 4 and not _begins_with_text(default)
        typo = self._typo_of_verb(noun, words[0].raw) if long else None
        if typo is None:
            return found
        offer = found if isinstance(found, Parsed) else None
        return _did_you_mean(f"/{noun} {typo}", words[1:], offer)

    def _typo_of_verb(self, noun: str, typed: str) -> str | None:
        """The canonical verb meant; ``sev1`` is a severity, no typo of ``sev``."""
        verbs = {
            word: one.verb
            for one in self.registry.of_noun(noun)
            for word in (one.verb, *one.synonyms)
        }
        near = None if SEVERITY.fullmatch(typed) else nearest(typed, verbs)
        return verbs[near] if near else None

    def _declaration(self, words: Sequence[Token]) -> Question | None:
        """Words after the main root: a title to declare; in an incident's room, words about it."""
        name = DECLARE
        if self.defaults.incident is not None:
            severity = len(words) == 1 and SEVERITY.fullmatch(words[0].raw)
            name = SEVERITY_COMMAND if severity else NOTE
        command = self.registry.commands.get(name)
        if command is None:
            return None
        meant = Parsed(command=name, args=fill(command, words, self.defaults.incident).args)
        line = canonical(command, meant.args)
        text = f"/{MAIN_NOUN} has no “{words[0].raw}”. Did you mean {command.verb}?"
        offer = meant if name == DECLARE else None
        return Question(
            kind="unknown", text=text, topic=MAIN_NOUN, suggestions=(line,), offer=offer
        )

    def _no_such_verb(self, noun: str, words: Sequence[Token]) -> Question:
        verbs = ", ".join(one.verb for one in self.registry.of_noun(noun))
        text = f"/{noun} has no “{words[0].raw}”. It has: {verbs}."
        return Question(kind="unknown", text=text, topic=noun, suggestions=(f"/{noun} help",))

    def _rootless(self, words: Sequence[Token]) -> Parsed | Question:
        """A page's reply, or a verb of the main root as after a mention: ``resolve fixed``."""
        ways = [self._reply, self._main_verb]
        if self.defaults.incident is not None:
            ways.reverse()
        found = (way(words) for way in ways)
        return next((one for one in found if one is not None), None) or self._unknown(words)

    def _reply(self, words: Sequence[Token]) -> Parsed | Question | None:
        meant = PAGE_REPLIES.get(words[0].raw.lower())
        longest = 3 if meant == "page snooze" else 2
        return self._instead(meant if len(words) <= longest else None, words[1:])

    def _main_verb(self, words: Sequence[Token]) -> Parsed | Question | None:
        """One letter is a verb only after its root, and “new laptop” declares nothing."""
        found = self._verb(MAIN_NOUN, words) if len(words[0].raw) > 1 else None
        if not isinstance(found, Parsed) or found.command != DECLARE or _says_declare(words):
            return found
        line = canonical(self.registry.commands[DECLARE], found.args)
        text = "Did you mean to declare an incident?"
        return Question(kind="did_you_mean", text=text, suggestions=(line,), offer=found)

    def _unknown(self, words: Sequence[Token]) -> Question:
        typed = words[0].raw
        if root := nearest(typed, (*self.registry.nouns, *self.defaults.aliases)):
            return _did_you_mean(f"/{root}", words[1:], None)
        if verb := self._typo_of_verb(MAIN_NOUN, typed):
            return _did_you_mean(f"/{MAIN_NOUN} {verb}", words[1:], None)
        text = f"I know no command “{typed}”."
        return Question(kind="unknown", text=text, suggestions=("/help",))

    def _arguments(self, command: Command, words: Sequence[Token]) -> Parsed | Question:
        if _is_help(words):
            return self._help(command.name, ())
        filled = fill(command, words, self.defaults.incident)
        if filled.problem:
            return _misplaced(command, words, filled)
        return Parsed(command=command.name, args=filled.args)

    def _help(self, prefix: str, words: Sequence[Token]) -> Question:
        topic = f"{prefix} {_lower(words)}".strip()
        return Question(kind="help", text=f"Help: {topic or 'everything'}", topic=topic)


def _did_you_mean(meant: str, rest: Sequence[Token], offer: Parsed | None) -> Question:
    line = f"{meant} {as_typed(rest)}".strip()
    text = f"Did you mean {meant.rpartition(' ')[2]}?"
    return Question(kind="did_you_mean", text=text, suggestions=(line,), offer=offer)


def _asked_first(command: Command, found: Parsed | Question) -> Parsed | Question:
    """A slip of one letter ends nothing: what is not taken back easily is shown as a form."""
    if command.danger == "none" or isinstance(found, Question):
        return found
    text = f"{command.verb.capitalize()}? One letter only asks."
    line = canonical(command, found.args)
    return Question(kind="did_you_mean", text=text, suggestions=(line,), offer=found)


def _misplaced(command: Command, words: Sequence[Token], filled: Filled) -> Question:
    if not filled.right:
        text = f"{filled.problem}."
        return Question(kind="unknown", text=text, topic=command.name, suggestions=command.examples)
    line = f"/{command.name} {as_typed(words).replace(filled.wrong, filled.right, 1)}"
    text = f"{filled.problem}. Did you mean {filled.right}?"
    return Question(kind="did_you_mean", text=text, topic=command.name, suggestions=(line,))


def _says_declare(words: Sequence[Token]) -> bool:
    return words[0].raw.lower() == DECLARE.split()[1]


def _is_help(words: Sequence[Token]) -> bool:
    return len(words) == 1 and words[0].raw.lower() in HELP


def _lower(words: Sequence[Token]) -> str:
    return " ".join(word.raw.lower() for word in words)


def _begins(words: Sequence[Token], root: str) -> bool:
    return _lower(words[: len(root.split())]) == root.lower()


def _begins_with_text(command: Command) -> bool:
    positions = [slot for slot in slots_of(command.args) if slot.positional]
    return bool(positions) and positions[0].arg.kind == "text"


def _in_order(command: Command) -> list[Slot]:
    """The incident beside the verb, then by position, then by name."""
    slots = slots_of(command.args)
    return sorted(slots, key=lambda slot: (slot.arg.kind != "incident", not slot.positional))


def _short(slot: Slot, value: str) -> str:
    easy = PLAIN.fullmatch(value) and value.lower() not in HELP
    word = value if easy else quote(value)
    if slot.positional:
        return word
    name = slot.name.replace("_", "-")
    return f"--{name}" if slot.arg.kind == "flag" and value == "true" else f"{name}:{word}"
