"""What a Slack message may hold, and how a longer one is made to fit."""

from collections.abc import Iterable, Iterator
from typing import Any

from domain.base import Frozen

MOST_BLOCKS = 50
# Slack's own limit is on the sum over all blocks and not documented; a little above this it refuses
MOST_CHARACTERS = 12_000
LONGEST_HEADER = 150
LONGEST_SECTION = 3_000
LONGEST_FIELD = 2_000
LONGEST_CONTEXT = 2_000
LONGEST_LABEL = 75
LONGEST_ID = 255
LONGEST_VALUE = 2_000
LONGEST_OPTION = 150
LONGEST_PLACEHOLDER = 150
LONGEST_CONFIRM = 300
LONGEST_TITLE = 24
LONGEST_INPUT = 3_000
LONGEST_META = 3_000
MOST_FOLDED = 5
MOST_OPTIONS = 100
MOST_PER_ROW = 25

Block = dict[str, Any]


class LimitBroken(ValueError):
    """A view built a message that Slack would refuse, and that had to be shortened."""


class Drawn(Frozen):
    """The blocks of one node; ``offered`` are those that can be pressed, ``cut`` says that its
    text was shortened already."""

    kind: str
    blocks: tuple[Block, ...]
    offered: bool = False
    cut: bool = False


class Fitted(Frozen):
    """Blocks within the limits, and the kinds of node that were shortened to get there."""

    blocks: tuple[Block, ...]
    broken: tuple[str, ...] = ()


def fit(drawn: Iterable[Drawn]) -> Fitted:
    """Keep what can be pressed first, then text from the top; say how much is missing."""
    parts = tuple(drawn)
    broken = [part.kind for part in parts if part.cut]
    flat = [(part, block) for part in parts for block in part.blocks]
    kept = _kept(flat)
    left_out = [flat[number] for number in range(len(flat)) if number not in kept]
    blocks = [flat[number][1] for number in sorted(kept)]
    if left_out:
        missing = sum(weight(block) for _, block in left_out)
        last = max((n for n in kept if not flat[n][0].offered), default=-1)
        blocks.insert(sum(n <= last for n in kept), more(missing))
        broken += dict.fromkeys(part.kind for part, _ in left_out)
    return Fitted(blocks=tuple(blocks), broken=tuple(broken))


def weight(block: Block) -> int:
    """The characters that a block shows."""
    return sum(map(len, _shown(block)))


def more(missing: int) -> Block:
    """The line that says what is not there."""
    told = f"… {missing} more characters"
    return {"type": "context", "elements": [{"type": "plain_text", "text": told, "emoji": False}]}


def clip(text: str, longest: int) -> str:
    """``text``, or its beginning and an ellipsis."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def pieces(text: str, longest: int) -> Iterator[str]:
    """``text`` in parts of at most ``longest``, cut at a line's end or between words."""
    while len(text) > longest:
        at = max(text.rfind("\n", longest // 2, longest), text.rfind(" ", longest // 2, longest))
        at = at + 1 if at > 0 else longest
        yield text[:at]
        text = text[at:]
    yield text


def _kept(flat: list[tuple[Drawn, Block]]) -> set[int]:
    left, kept = MOST_CHARACTERS, set[int]()
    for number in sorted(range(len(flat)), key=lambda n: (not flat[n][0].offered, n)):
        left -= weight(flat[number][1])
        if left < 0 or len(kept) >= MOST_BLOCKS - 1:
            break
        kept.add(number)
    return kept


def _shown(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key == "text" and isinstance(inner, str):
                yield inner
            else:
                yield from _shown(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _shown(inner)
