"""Postmortems: read the draft, mend it, publish it, write down what follows."""

from typing import Annotated, Literal

from pydantic import Field

from commands.context import Context
from commands.incident.target import meant, seen
from commands.incident.work import AddAction, add_action
from domain.actor import Role, Scope
from domain.args import Arg, Args, IncidentId
from domain.call import Reply
from domain.command import Grant, Words, command
from domain.errors import NotFound, Stale
from domain.incident import Incident
from domain.incident_facts import ActionItemDone, PostmortemEdited, PostmortemPublished
from domain.incident_jobs import DraftPostmortem
from domain.message import Message, sentence
from domain.page_card import counted
from domain.postmortem import ActionItem, Postmortem
from domain.postmortem_card import HEAD, SECTIONS, file_note, section_card
from domain.postmortem_file import file_name
from storage.views import postmortems

LISTS = ("contributing_factors", "went_well", "went_wrong", "lucky")


class About(Args):
    """An incident, or the room's own."""

    incident: IncidentId = None


@command(
    "postmortem draft",
    Grant(Role.RESPONDER),
    examples=("/postmortem draft INC-42",),
)
async def draft(ctx: Context, args: About) -> Reply:
    """Write a draft from the facts, or write it anew while nobody has edited it."""
    incident = await meant(ctx, args.incident)
    kept = await ctx.unit.postmortems.get(incident.id)
    if kept and kept.status != "draft":
        raise Stale(f"The postmortem of {incident.id} is being edited: /postmortem show.")
    job = DraftPostmortem(incident=incident.id)
    await ctx.unit.jobs.add(job, key=f"~draft:{incident.id}", subject=incident.subject)
    await ctx.unit.audit.add("draft_asked", incident.subject, "done", {})
    return Reply(message=sentence(f"The draft for {incident.id} is being written."))


@command(
    "postmortem show",
    Grant(Role.MEMBER, Scope.READ),
    examples=("/postmortem show INC-42", "/pm INC-42"),
)
async def show(ctx: Context, args: About) -> Reply:
    """Show the postmortem, only to you."""
    incident = await seen(ctx, args.incident)
    found = await _with_items(ctx, await _need(ctx, incident))
    nodes = [node for name in (HEAD, *SECTIONS) for node in section_card(found, name).nodes]
    return Reply(message=Message(nodes=tuple(nodes)), data=found.model_dump(mode="json"))


@command(
    "postmortem export",
    Grant(Role.MEMBER, Scope.READ),
    examples=("/postmortem export INC-42",),
    words=Words(synonyms=("markdown", "file")),
)
async def export(ctx: Context, args: About) -> Reply:
    """Give the postmortem as a Markdown file, only to you."""
    incident = await seen(ctx, args.incident)
    written = await postmortems.shown(ctx.unit.scope, ctx.actor.user, incident.id)
    text = postmortems.file_of(written)
    note = file_note(incident.id, ctx.unit.installation.public_url, text)
    data = {"id": incident.id, "name": file_name(incident.id), "markdown": text}
    return Reply(message=note, data=data)


async def _need(ctx: Context, incident: Incident) -> Postmortem:
    found = await ctx.unit.postmortems.get(incident.id)
    if found is None:
        raise NotFound(
            f"{incident.id} has no postmortem yet: type /postmortem draft {incident.id}."
        )
    return found


async def _with_items(ctx: Context, postmortem: Postmortem) -> Postmortem:
    """The postmortem with the work people have written down, before what is only suggested."""
    added = await ctx.unit.action_items.of(postmortem.incident)
    names = ActionItem.model_fields
    items = tuple(ActionItem(**{name: getattr(one, name) for name in names}) for one in added)
    return postmortem.model_copy(update={"action_items": (*items, *postmortem.action_items)})


class Edit(Args):
    """A section and its new words; lists take one line for each point."""

    incident: IncidentId = None
    section: Annotated[
        Literal[
            "summary",
            "impact",
            "contributing_factors",
            "detection",
            "resolution",
            "went_well",
            "went_wrong",
            "lucky",
        ],
        Field(description="Which section"),
        Arg("choice", positional=True),
    ]
    text: Annotated[
        str,
        Field(min_length=1, max_length=10_000, description="The new words"),
        Arg("text", positional=True, long=True),
    ]


@command(
    "postmortem edit",
    Grant(Role.RESPONDER),
    examples=("/postmortem edit INC-42 summary Queries failed for 40 minutes.",),
)
async def edit(ctx: Context, args: Edit) -> Reply:
    """Replace a section's words; claims that are gone lose their evidence links."""
    incident = await meant(ctx, args.incident)
    found = await _need(ctx, incident)
    words = args.text
    value = tuple(line for line in words.splitlines() if line) if args.section in LISTS else words
    changed = found.model_copy(update={args.section: value, "status": "review"})
    text = changed.model_dump_json(exclude={"claims", "timeline"})
    kept = tuple(claim for claim in changed.claims if _stands(claim.sentence, text))
    await ctx.unit.postmortems.put(changed.model_copy(update={"claims": kept}))
    fact = PostmortemEdited(section=args.section)
    await ctx.unit.facts.add(incident.subject, fact, words)
    return Reply(message=sentence(f"{SECTIONS[args.section]} of {incident.id} is changed."))


def _stands(sentence: str, text: str) -> bool:
    return sentence.replace('"', '\\"') in text


@command(
    "postmortem publish",
    Grant(Role.RESPONDER),
    examples=("/postmortem publish INC-42",),
    danger="confirm",
)
async def publish(ctx: Context, args: About) -> Reply:
    """Mark it reviewed and let everybody read it."""
    incident = await meant(ctx, args.incident)
    found = await _need(ctx, incident)
    await ctx.unit.postmortems.put(found.model_copy(update={"status": "published"}))
    await ctx.unit.facts.add(incident.subject, PostmortemPublished())
    text = f"The postmortem of {incident.id} is published."
    if left := found.open_questions:
        text += f" {counted(left, 'question')} in it still wait for an answer: /postmortem edit."
    return Reply(message=sentence(text), data={"id": incident.id, "open_questions": left})


@command(
    "postmortem action",
    Grant(Role.RESPONDER),
    examples=("/postmortem action alert on GC pauses owner:@bob due:2w",),
)
async def action(ctx: Context, args: AddAction) -> Reply:
    """Write down follow-up work with an owner and a due date."""
    incident = await meant(ctx, args.incident)
    return await add_action(ctx, incident, args)


class Done(Args):
    """An action item."""

    item: Annotated[str, Field(description="ACT-3"), Arg("word", positional=True)]


@command(
    "postmortem done",
    Grant(Role.RESPONDER),
    examples=("/postmortem done ACT-3",),
    words=Words(synonyms=("finish",)),
)
async def done(ctx: Context, args: Done) -> Reply:
    """Tick off an action item."""
    item = await ctx.unit.action_items.need(args.item.upper())
    incident = await ctx.unit.incidents.readable(item.incident, ctx.actor.user)
    ctx.about(incident.team)
    await ctx.unit.action_items.save(item.model_copy(update={"status": "done"}))
    await ctx.unit.facts.add(incident.subject, ActionItemDone(item=item.id))
    return Reply(message=sentence(f"{item.id} is done."))
