"""Which known word did a person mean?"""

from collections.abc import Iterable


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that ``word`` is a typo of, or None: one slip in a short word, two in a long.

    Words under three letters are too short to tell a typo from another word, and a word that
    begins otherwise is another word: Jack is no ``ack``.
    """
    typed = word.lower()
    alike = [one for one in known if len(one) > 2 and _begin_alike(typed, one.lower())]
    near = [(distance(typed, one.lower()), one) for one in alike]
    close = [(slips, one) for slips, one in near if slips <= _allowed(typed, one)]
    return min(close, key=lambda found: found[0])[1] if close else None


def distance(one: str, other: str) -> int:
    """Slips between two words: a letter added, lost, changed, or two neighbours swapped."""
    if abs(len(one) - len(other)) > 2:
        return 3
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, wanted in enumerate(other, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == other[j - 2] and one[i - 2] == wanted:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]


def _begin_alike(typed: str, known: str) -> bool:
    return len(typed) > 2 and (typed[0] == known[0] or typed[1::-1] == known[:2])


def _allowed(typed: str, known: str) -> int:
    return 2 if min(len(typed), len(known)) > 5 else 1
