"""Late answers: what took longer is told where it was asked for."""

from domain.late_answer import LateAnswer
from domain.message import sentence
from jobs.approvals import say
from jobs.drawing import Drawn
from jobs.personal import DirectMessage
from jobs.reaching import chats_of
from jobs.registry import Effect
from storage.unit import Unit


async def load_late_answer(unit: Unit, job: LateAnswer) -> DirectMessage | Drawn:
    """The answer, in the room or to the person."""
    message = sentence(job.text)
    if job.place:
        return Drawn(place=job.place, message=message, key=job.key)
    platform = (await chats_of(unit, job.user))[0]
    return DirectMessage(platform=platform, user=job.user, message=message, key=job.key)


LATE_ANSWER = Effect(LateAnswer, load_late_answer, say)
