"""Safe mode is told where all incidents are announced, and on the card of each open one."""

from domain.incident_jobs import ShowIncident
from domain.place import Place
from domain.safe_mode import SpreadSafeMode, TellSafeMode, safe_mode_card, safe_mode_ended
from jobs.drawing import Drawn, draw
from jobs.registry import Effect, Reaction
from storage.unit import Unit


async def spread(unit: Unit, job: SpreadSafeMode) -> None:
    """Owe one message for each platform, and every open incident its card."""
    for platform in unit.installation.platforms:
        place = Place(platform=platform, room=unit.installation.announced_in(platform))
        await unit.jobs.add(TellSafeMode(mode=job.mode, ended_by=job.ended_by, place=place))
    for incident in await unit.incidents.open_ones():
        show = ShowIncident(incident=incident.id)
        await unit.jobs.add(show, key=f"~show:{incident.id}", subject=incident.subject)


async def load(unit: Unit, job: TellSafeMode) -> Drawn | None:
    """The message; None where it has changed again since, which is told by itself."""
    now = await unit.safe_mode.current()
    if now != (None if job.ended_by else job.mode):
        return None
    message = safe_mode_ended(job.mode, job.ended_by) if job.ended_by else safe_mode_card(job.mode)
    key = f"safe-mode:{job.mode.since.isoformat()}:{'off' if job.ended_by else 'on'}"
    return Drawn(place=job.place, message=message, key=key)


SPREAD_SAFE_MODE = Reaction(SpreadSafeMode, spread)
TELL_SAFE_MODE = Effect(TellSafeMode, load, draw)
