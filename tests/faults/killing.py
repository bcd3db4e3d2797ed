"""Kills a Tocsin at random moments, with a chat that fails, and counts pages lost and doubled.

``python -m tests.faults.killing URL HOME ROUNDS SEED`` tells the story of one page ROUNDS times,
each on a copy of the seeded database at URL, kills its process up to three times on the way, and
prints what was found as JSON.
"""

import asyncio
import os
import signal
import sys
import time
from functools import partial
from itertools import count
from pathlib import Path
from random import Random

from bot.wiring import Parts
from domain.base import Frozen
from domain.ports import Chat
from tests.faults.crash import (
    VERIFIED,
    Ground,
    Grounds,
    child,
    ended,
    look,
    outlive,
    prepare,
    sealed,
)
from tests.faults.invariants import broken
from tests.faults.rough import RoughChat
from tests.faults.story import alert, answer, step, telling

CHAPTERS = (alert, step, answer)
MOST_KILLS = 3
LONGEST_S = 1.2


class Killed(Frozen):
    """What the rounds came to: ``kills`` that hit a living process, ``pages`` that were due."""

    rounds: int
    seed: int
    kills: int
    pages: int
    messages: int
    complaints: dict[str, list[str]]


def main(url: str, home: str, rounds: str, seed: str) -> None:
    """Print what the rounds came to as JSON."""
    prepare()
    template, grounds = Ground(url, Path(home) / "template"), Grounds(Path(home))
    dice = Random(int(seed))
    kills = pages = messages = 0
    complaints: dict[str, list[str]] = {}
    for number in range(int(rounds)):
        with grounds.copied(template) as ground:
            kills += disturbed(ground, dice)
            seen = look(ground)
        pages += len(seen.pages)
        messages += sum(post.page is not None for post in seen.posts)
        if wrong := broken(seen):
            complaints[f"round {number}"] = wrong
    found = Killed(
        rounds=int(rounds),
        seed=int(seed),
        kills=kills,
        pages=pages,
        messages=messages,
        complaints=complaints,
    )
    print(found.model_dump_json())


def disturbed(ground: Ground, dice: Random) -> int:
    """Tell the story to its end, whatever it takes; how often its process was killed."""
    for kills in count():
        seed = dice.randrange(2**32)
        teller = child(partial(_told, ground, seed))
        if kills < MOST_KILLS:
            time.sleep(dice.uniform(0, LONGEST_S))
            os.kill(teller, signal.SIGKILL)
        code = ended(teller)
        if code == 0:
            return kills
        assert code == -signal.SIGKILL, f"the story ended with {code}"
        outlive(ground)
    raise AssertionError("unreachable")


def _told(ground: Ground, seed: int) -> None:
    asyncio.run(tell(ground, seed))


async def tell(ground: Ground, seed: int) -> None:
    """One process, with a chat whose bad day is ``seed``."""

    def roughly(_parts: Parts, chat: Chat) -> Chat:
        return RoughChat(chat, Random(seed))

    async with telling(ground.url, ground.home, roughly) as teller:
        await teller.begin()
        for chapter in CHAPTERS:
            await chapter(teller)
        verified = await sealed(teller)
    (ground.home / VERIFIED).write_text(verified.model_dump_json())


if __name__ == "__main__":
    main(*sys.argv[1:])
