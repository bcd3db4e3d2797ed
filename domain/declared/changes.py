"""What applying files would change, item by item."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from domain.base import Frozen
from domain.declared.items import KINDS, NOUNS, Declared, Item
from domain.declared.written import write

Action = Literal["create", "change", "keep", "remove"]
Key = tuple[str, str]


class Present(Frozen):
    """An item as it is now, and the file that manages it; None where nobody's file does."""

    value: Item
    managed_by: str | None = None


class Change(Frozen):
    """What becomes of one item; ``fields`` are those that differ."""

    action: Action
    kind: str
    id: str
    file: str
    fields: tuple[str, ...] = ()

    @property
    def noun(self) -> str:
        """What it is."""
        return NOUNS[self.kind]


def changes(
    declared: Iterable[Declared], present: Mapping[Key, Present], *, prune: bool
) -> Iterator[Change]:
    """Each declared item in the order in which they are made; then, where asked, those that a file
    used to declare and none does any more, last made first. Nothing else is ever removed."""
    wanted = {one.key: one for one in declared}
    order = list(KINDS)
    for one in sorted(wanted.values(), key=lambda one: order.index(one.kind)):
        yield _change(one, present.get(one.key))
    if not prune:
        return
    gone = [key for key, one in present.items() if one.managed_by and key not in wanted]
    for kind, name in sorted(gone, key=lambda key: (-order.index(key[0]), key[1])):
        file = present[kind, name].managed_by or ""
        yield Change(action="remove", kind=kind, id=name, file=file)


def _change(one: Declared, present: Present | None) -> Change:
    made = Change(action="create", kind=one.kind, id=one.value.id, file=one.file)
    if present is None:
        return made
    before, after = write(one.kind, present.value), write(one.kind, one.value)
    differ = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    if present.managed_by != one.file:
        differ.append("managed_by")
    action: Action = "change" if differ else "keep"
    return made.model_copy(update={"action": action, "fields": tuple(differ)})
