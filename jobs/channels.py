"""Channels and webhooks that a step of a policy tells beside people."""

from domain.base import Frozen
from domain.errors import Permanent
from domain.escalation import Advance, EscalationPolicy, Target, describe
from domain.incident import Incident, Status
from domain.message import Message
from domain.paging import Escalation
from domain.place import MessageRef, Place
from domain.projection import called
from domain.told import (
    AskedView,
    ShowAsked,
    TargetRefused,
    TargetTold,
    TellWebhook,
    asked_card,
    asked_key,
    places,
    webhook_letter,
    why_untold,
)
from jobs.drawing import Drawn, draw, redrawn
from jobs.registry import Effect, Ports
from storage.cards import Card
from storage.unit import Unit

TAKEN = (Status.ACKNOWLEDGED, Status.MITIGATED)


async def tell_others(
    unit: Unit, incident: Incident, escalation: Escalation, step: Advance
) -> None:
    """Owe the channels and webhooks of the due steps their news."""
    targets = {one: made for made in step.rounds for one in made.targets if not one.rings}
    for target, made in targets.items():
        safe = await unit.safe_mode.current() is not None
        platforms = unit.installation.platforms
        if why := why_untold(target, incident, platforms, safe_mode=safe):
            await unit.facts.add(incident.subject, TargetRefused(target=called(target)), why)
            continue
        await _owe(unit, incident, escalation, target, made.n)
        told = TargetTold(target=called(target), step=made.reason)
        await unit.facts.add(incident.subject, told)


async def _owe(
    unit: Unit, incident: Incident, escalation: Escalation, target: Target, n: int
) -> None:
    if target.kind == "webhook":
        job = TellWebhook(incident=incident.id, escalation=escalation.id, n=n, name=target.id)
        key = f"hook:{escalation.id}:{n}:{target.id}"
        await unit.jobs.add(job, key=key, subject=incident.subject)
        return
    for place in places(target, unit.installation.platforms):
        await owe_asked(unit, incident, place)


async def owe_asked(unit: Unit, incident: Incident, place: Place) -> None:
    """Owe a channel its card as things stand."""
    due = await unit.cards.next_edit(asked_key(incident.id), place)
    key = f"~asked:{incident.id}:{place.platform}:{place.room}"
    job = ShowAsked(incident=incident.id, place=place)
    await unit.jobs.add(job, due=due, key=key, subject=incident.subject)


async def asked_cards(unit: Unit, incident: Incident) -> tuple[Card, ...]:
    """Where channels have been asked."""
    return await unit.cards.of(asked_key(incident.id))


async def load_asked(unit: Unit, job: ShowAsked) -> Drawn | None:
    """The card; None where it stands so already, or where nobody needs to be asked any more."""
    incident = await unit.incidents.need(job.incident)
    card = await unit.cards.at(asked_key(incident.id), job.place)
    view = await _view(unit, incident)
    if incident.private or (card is None and (view.taken_by or not incident.open)):
        return None
    key = f"asked:{incident.id}:{job.place.room}"
    return redrawn(job.place, asked_card(view), key, card)


async def _view(unit: Unit, incident: Incident) -> AskedView:
    """By which step, and who follows, as the newest page of it says."""
    running = await unit.escalations.running(incident.id)
    step = _step(running[-1], max(running[-1].n - 1, 0)) if running else "the policy"
    paged = [one for one in await unit.pages.ringing(incident.id) if one.next]
    return AskedView(
        incident=incident,
        step=step,
        following=(paged[-1].next or "") if paged else "",
        at=paged[-1].next_at if paged else None,
        taken_by=await _taken_by(unit, incident),
    )


async def _taken_by(unit: Unit, incident: Incident) -> str:
    if incident.status not in TAKEN:
        return ""
    found = [await unit.people.get(one) for one in incident.people]
    return ", ".join(one.name for one in found if one) or "somebody"


def _step(escalation: Escalation, n: int) -> str:
    policy = EscalationPolicy.model_validate(escalation.policy)
    return f"{describe(policy, n)} of {policy.name}"


async def ask(ports: Ports, loaded: Drawn) -> tuple[Drawn, MessageRef] | str:
    """Post or redraw it; what a platform has to say against that."""
    try:
        return await draw(ports, loaded)
    except Permanent as refusal:
        return str(refusal)


async def save_asked(unit: Unit, job: ShowAsked, outcome: tuple[Drawn, MessageRef] | str) -> None:
    """Remember where it stands and what it shows; of what was refused the timeline says so."""
    if isinstance(outcome, str):
        await asking_failed(unit, job, outcome)
        return
    drawn, ref = outcome
    await unit.cards.shown(asked_key(job.incident), drawn.place, ref, drawn.digest)


async def asking_failed(unit: Unit, job: ShowAsked, error: str) -> None:
    """Nobody has waited for the channel."""
    target = f"channel {job.place.room} on {job.place.platform}"
    await _refused(unit, job.incident, target, error)


class Posting(Frozen):
    """A message for a webhook of the settings."""

    name: str
    message: Message
    key: str


async def load_webhook(unit: Unit, job: TellWebhook) -> Posting | None:
    """The news, unless somebody has it by now."""
    incident = await unit.incidents.need(job.incident)
    if incident.private or incident.status != Status.TRIGGERED:
        return None
    escalation = await unit.escalations.need(job.escalation)
    view = AskedView(incident=incident, step=_step(escalation, job.n))
    read = f"{unit.installation.public_url}/incidents/{incident.id}"
    key = f"hook:{job.escalation}:{job.n}"
    return Posting(name=job.name, message=webhook_letter(view, read), key=key)


async def post_webhook(ports: Ports, loaded: Posting) -> str:
    """Post it; a repeat has the same id. What its receiver has to say against that."""
    try:
        await ports.notifier("webhook").send(loaded.name, loaded.message, loaded.key)
    except Permanent as refusal:
        return str(refusal)
    return ""


async def save_webhook(unit: Unit, job: TellWebhook, refused: str) -> None:
    """Of what was refused the timeline says so."""
    if refused:
        await posting_failed(unit, job, refused)


async def posting_failed(unit: Unit, job: TellWebhook, error: str) -> None:
    """Nobody has waited for it."""
    await _refused(unit, job.incident, f"webhook {job.name}", error)


async def _refused(unit: Unit, incident: str, target: str, error: str) -> None:
    await unit.facts.add(f"incident:{incident}", TargetRefused(target=target), error[:300])


SHOW_ASKED = Effect(ShowAsked, load_asked, ask, save_asked, asking_failed)
TELL_WEBHOOK = Effect(TellWebhook, load_webhook, post_webhook, save_webhook, posting_failed)
