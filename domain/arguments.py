"""Which typed word is which argument: options by name, then words by shape, then by position."""

import re
from collections import deque
from collections.abc import Sequence

from domain.args import Kind, Slot, slots_of
from domain.base import Frozen
from domain.command import Command
from domain.suggest import nearest
from domain.tokens import Token, text_of
from domain.when import completes

NAMED: dict[Kind, re.Pattern[str]] = {
    "incident": re.compile(r"inc-?\d{1,15}", re.ASCII | re.IGNORECASE),
    "alert": re.compile(r"alr-?\d{1,15}", re.ASCII | re.IGNORECASE),
}
SEVERITY = re.compile(r"(?:sev-?|p)[1-5]", re.IGNORECASE)
HOUR = r"(\d{1,2}(?::\d{2})?(?:am|pm)?)"
RANGE = re.compile(f"{HOUR}[-–]{HOUR}", re.ASCII | re.IGNORECASE)
BETWEEN = ("from", "to", "until", "till", "-", "–")
NUMBER = re.compile(r"\d{1,15}", re.ASCII)


class Filled(Frozen):
    """Arguments as typed, by field.

    ``problem`` is a sentence about a word that fits nowhere; ``wrong`` is that word where
    ``right`` is probably what was meant.
    """

    args: dict[str, str]
    problem: str = ""
    wrong: str = ""
    right: str = ""


def fill(command: Command, tokens: Sequence[Token], room: str | None) -> Filled:
    """Give every word of ``tokens`` (those after the verb) its argument.

    Only declared names are options. In a command with free text, words that are known by their
    shape (INC-42, @bob, sev2, bare flags) count at either end only, and the rest is the text; an
    id at the end stays text in the ``room`` of an incident, where it is a remark.
    """
    filling = _Filling(command, tokens, room)
    filling.take_options()
    filling.take_shapes()
    filling.take_positions()
    return filling.result()


class _Filling:
    """The words that are left, and what the others have become."""

    def __init__(self, command: Command, tokens: Sequence[Token], room: str | None) -> None:
        self.command = command.name
        self.slots = slots_of(command.args)
        aliases = {name: slot for slot in reversed(self.slots) for name in slot.names}
        self.by_name = aliases | {slot.name: slot for slot in self.slots}
        self.text = next((slot for slot in self.slots if slot.free_text), None)
        self.left = list(tokens)
        self.room = room
        self.args: dict[str, str] = {}
        self.problem = ""

    def result(self) -> Filled:
        """What was found; a word without a place is a problem, never dropped."""
        if self.problem or not self.left:
            return Filled(args=self.args, problem=self.problem)
        word = self.left[0]
        meant = nearest(word.key, self.by_name) if word.key else None
        problem = f"/{self.command} has no place for “{word.raw}”"
        right = f"{meant}:{word.value or ''}" if meant else ""
        return Filled(args=self.args, problem=problem, wrong=word.raw, right=right)

    @property
    def free(self) -> bool:
        """Whether the words that are left will be somebody's sentence."""
        return self.text is not None and self.text.name not in self.args

    def take_options(self) -> None:
        """``name:value``, ``name=value``, ``--name value`` and ``--flag``, wherever they stand."""
        queue = deque(self.left)
        self.left = []
        while queue:
            token = queue.popleft()
            slot = self.by_name.get(token.key)
            value = self._value(slot, token, queue) if slot else None
            if slot is None or value is None:
                self.left.append(token)
            else:
                self._give(slot, value)

    def _give(self, slot: Slot, value: str) -> None:
        if slot.name in self.args:
            self.problem = f"{slot.name} is given twice: type it once"
        self.args.setdefault(slot.name, value)

    def _value(self, slot: Slot, token: Token, queue: deque[Token]) -> str | None:
        if token.value is None:
            return self._next_value(slot, queue)
        if token.quoted:
            return token.value
        if token.value:
            return self._whole(slot, token.value, queue)
        if queue and self._continues(slot, queue[0]):
            return self._whole(slot, queue.popleft().plain, queue)
        return None

    def _next_value(self, slot: Slot, queue: deque[Token]) -> str:
        if slot.arg.kind == "flag":
            return "true"
        if queue and queue[0].key not in self.by_name:
            token = queue.popleft()
            return token.plain if token.quoted else self._whole(slot, token.plain, queue)
        self.problem = f"--{slot.name} needs a value: type {slot.name}:…"
        return ""

    def _continues(self, slot: Slot, token: Token) -> bool:
        if slot.arg.kind == "text":
            return self.text is None or (self.text is not slot and bool(self.left))
        return slot.checkable and slot.fits(token.plain)

    def _whole(self, slot: Slot, value: str, queue: deque[Token]) -> str:
        if slot.arg.kind == "when" and queue and self._completes(value, queue[0]):
            return f"{value} {queue.popleft().raw}"
        if slot.arg.kind == "text" and self._is_last_text(slot):
            following = list[Token]()
            while queue and queue[0].key not in self.by_name:
                following.append(queue.popleft())
            return value + "".join(token.gap + token.raw for token in following)
        return slot.spelled(value)

    def _is_last_text(self, slot: Slot) -> bool:
        """``why:planned restart`` is one reason, unless the text by position is still to come."""
        return self.text in (None, slot) or bool(self.left)

    def _completes(self, day: str, token: Token) -> bool:
        """A bare number after a day is an hour only where no sentence can begin with it."""
        certain = not self.free or not token.raw.isdecimal()
        return certain and completes(day, token.raw)

    def take_shapes(self) -> None:
        """Words that say themselves what they are."""
        if not self.free:
            for token in tuple(self.left):
                if self._take_shape(token):
                    self.left.remove(token)
            return
        while self.left and self._take_shape(self.left[0]):
            self.left.pop(0)
        while self.left and not self._remark(self.left[-1]) and self._take_shape(self.left[-1]):
            self.left.pop()

    def _remark(self, token: Token) -> bool:
        return self.room is not None and any(one.fullmatch(token.raw) for one in NAMED.values())

    def _take_shape(self, token: Token) -> bool:
        if token.quoted or token.key:
            return False
        slot = next((one for one in self._open() if self._is_shape(one, token.raw)), None)
        if slot is None:
            return False
        self.args[slot.name] = "true" if slot.arg.kind == "flag" else token.raw
        return True

    def _open(self) -> list[Slot]:
        return [slot for slot in self.slots if slot.name not in self.args]

    def _is_shape(self, slot: Slot, word: str) -> bool:
        kind = slot.arg.kind
        if kind in NAMED:
            return self._names(slot, word)
        if kind in ("person", "target"):
            return word.startswith("@") and len(word) > 1
        if kind == "severity":
            return SEVERITY.fullmatch(word) is not None
        return slot.arg.bare and word.lower() in slot.names

    def _names(self, slot: Slot, word: str) -> bool:
        """An id, unless a required word would go without: ``link INC-40`` names what to link."""
        wanted = [s for s in self._open() if s.required and s.arg.kind in ("word", "target")]
        spare = slot.required or len(self.left) > len(wanted)
        return slot.positional and spare and NAMED[slot.arg.kind].fullmatch(word) is not None

    def take_positions(self) -> None:
        """The rest in the order of the fields; the text takes everything that is left."""
        if self.free and len(self.left) == 1:
            self._take_only_word(self.left[0])
        for slot in self._open():
            if slot.positional and self.left:
                self._take_position(slot)

    def _take_only_word(self, token: Token) -> None:
        """``status monitoring`` and ``resolve 42`` hold no sentence."""
        for slot in self._open():
            if not token.quoted and self._is_only_word(slot, token.raw):
                self.args[slot.name] = slot.spelled(token.raw)
                self.left = []
                return

    def _is_only_word(self, slot: Slot, word: str) -> bool:
        if slot.arg.kind == "choice":
            return slot.fits(word)
        optional = self.text is not None and not self.text.required
        numbered = slot.positional and slot.arg.kind in NAMED
        return optional and numbered and NUMBER.fullmatch(word) is not None

    def _take_position(self, slot: Slot) -> None:
        if slot is self.text:
            self.args[slot.name] = text_of(self.left)
            self.left = []
        elif slot.arg.kind == "when":
            self._take_when(slot)
        elif self._belongs(slot, self.left[0].plain):
            self.args[slot.name] = slot.spelled(self.left.pop(0).plain)

    def _belongs(self, slot: Slot, word: str) -> bool:
        """What may be left out gives way to what may not, and to a sentence with a number."""
        if slot.required:
            return True
        wanted = sum(1 for other in self._open() if other.required and other.positional)
        number = self.free and slot.arg.kind in NAMED
        return slot.fits(word) and not number and len(self.left) > wanted

    def _take_when(self, slot: Slot) -> None:
        if not self.free and len(self.left) > 1 and self.left[0].raw.lower() in BETWEEN:
            self.left.pop(0)
        self._part_range(0)
        self._part_range(1)
        if not self._belongs(slot, self.left[0].plain):
            return
        word = self.left.pop(0).plain
        if self.left and self._completes(word, self.left[0]):
            word = f"{word} {self.left.pop(0).raw}"
        self.args[slot.name] = word

    def _part_range(self, at: int) -> None:
        """``18:00-22:00`` is a beginning and an end."""
        found = RANGE.fullmatch(self.left[at].raw) if at < len(self.left) else None
        if found and not self.free:
            self.left[at : at + 1] = [_word(found[1]), _word(found[2])]


def _word(text: str) -> Token:
    return Token(text, " ", "", text, quoted=False)
