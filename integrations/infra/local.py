"""Steps that run a program on Tocsin's own machine: only those an admin has named, no shell."""

import asyncio
import os
import signal
from dataclasses import dataclass
from subprocess import DEVNULL, PIPE, STDOUT

from domain.errors import Permanent
from domain.run import StepOrder, StepOutcome
from domain.run_output import Heard

MOST_BYTES = 65_536
AT_ONCE = 8_192
# No secret of ours is in the environment of a program, nor anything an alert has said.
ENVIRONMENT = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}


@dataclass(frozen=True)
class LocalSteps:
    """``programs`` are absolute paths; a program is called by one of them, or by its last part."""

    programs: tuple[str, ...]

    async def perform(self, order: StepOrder) -> StepOutcome:
        """Run it once, within the time of the step; it and what it began end with that."""
        program, *arguments = order.action.command or ("",)
        path = self._path(program)
        try:
            process = await asyncio.create_subprocess_exec(
                path,
                *arguments,
                stdin=DEVNULL,
                stdout=PIPE,
                stderr=STDOUT,
                env=ENVIRONMENT,
                cwd="/",
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            raise Permanent(f"{path} was not begun: {error}") from error
        return await _end(process, order)

    def _path(self, program: str) -> str:
        """Raises `Permanent` for what nobody has named."""
        for path in self.programs:
            if os.path.isabs(path) and program in (path, os.path.basename(path)):
                return path
        raise Permanent(f"{program} may not be run here: an admin names it in runbooks.programs")


async def _end(process: asyncio.subprocess.Process, order: StepOrder) -> StepOutcome:
    """How it ends. Whatever it says is read, and the last of it kept."""
    said = bytearray()
    try:
        async with asyncio.timeout(order.timeout.total_seconds()):
            await _read(process, said, order.heard)
            code = await process.wait()
    except TimeoutError:
        _kill(process)
        await process.wait()
        told = "it took too long and was ended; what it had done by then is not known"
        return StepOutcome(ok=None, detail=told, output=_words(said))
    finally:
        _kill(process)
    detail = f"ended with {code}"
    return StepOutcome(ok=code == 0, detail=detail, exit_code=code, output=_words(said))


async def _read(process: asyncio.subprocess.Process, said: bytearray, heard: Heard) -> None:
    if process.stdout is None:
        return
    while part := await process.stdout.read(AT_ONCE):
        heard(part)
        said += part
        del said[:-MOST_BYTES]


def _kill(process: asyncio.subprocess.Process) -> None:
    """End it with everything it began."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        return


def _words(said: bytearray) -> str:
    return said.decode(errors="replace")
