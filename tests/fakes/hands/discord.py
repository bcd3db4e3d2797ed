"""Bob on Discord: the simulated server, through the library that is used for the real one."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from simcord.results import InteractionResult

from domain.grammar import Parsed, parse
from tests.fakes.discord_world import ROOMS, DiscordWorld, Shown, answer, discord_world
from tests.fakes.hands.hand import BOB, MOMENT
from tests.fakes.tocsin import Template, Tocsin, opened


@dataclass
class DiscordHand:
    """`Hand` on a server: lines become commands whose options are filled in."""

    world: DiscordWorld
    told: list[Shown] = field(default_factory=list)
    form: InteractionResult | None = None

    @property
    def tocsin(self) -> Tocsin:
        """Behind it."""
        return self.world.tocsin

    async def type(self, line: str, *, inside: bool = False) -> None:
        """Choose the command and fill in what the line says."""
        parsed = parse(line, self.tocsin.parts.registry)
        assert isinstance(parsed, Parsed)
        room = self.world.thread("inc-13") if inside else "general"
        await self._heard(await self.world.slash(BOB, room, parsed.command, **parsed.args))

    async def press(self, on: str, label: str) -> None:
        """A button, or a line of a menu."""
        await self._heard(await self.world.press(BOB, self._newest((on,), label), label))

    async def fill(self, **values: str) -> None:
        """Words are typed, choices are picked."""
        assert self.form
        assert self.form.modal, "no form was opened"
        controls = {
            one["component"]["custom_id"]: one["component"]["type"]
            for one in self.form.modal["components"]
        }
        given = {name: [one] if controls[name] == 3 else one for name, one in values.items()}
        await self._heard(await self.world.submit(BOB, self.form, **given))

    async def see(self, *words: str) -> str:
        """All that stands in it."""
        return self._newest(words).text

    def _newest(self, words: tuple[str, ...], label: str = "") -> Shown:
        threads = self.world.channel("incidents").threads
        rooms = [*map(self.world.channel, ROOMS), *threads]
        said = [one for room in rooms for one in self.world.seen(room)]
        seen = [*said, *self.world.direct(BOB), *self.told]
        fitting = [one for one in seen if _fits(one, words, label)]
        assert fitting, f"no {words} with {label!r} among {[one.text[:60] for one in seen]}"
        return max(fitting, key=lambda one: one.id)

    async def _heard(self, result: InteractionResult) -> None:
        await self.tocsin.advance(MOMENT)
        self.form = result if result.modal else None
        if result.response:
            self.told.append(answer(result))


def _fits(one: Shown, words: tuple[str, ...], label: str) -> bool:
    shown = all(word in one.text for word in words)
    return shown and (not label or any(made.startswith(label) for made in one.labels))


@asynccontextmanager
async def discord_hand(made: Template, folder: Path) -> AsyncIterator[DiscordHand]:
    """A server on which Bob and Alice respond; the simulation refuses what Discord would."""
    async with opened(made.url, folder, made.seeded) as tocsin, discord_world(tocsin) as world:
        for person in (BOB, "alice"):
            await world.join(person, "Responders")
        yield DiscordHand(world)
