"""The draft as people meet it in chat: a head, and one message for each section."""

from domain.buttons import button
from domain.message import Actions, Code, Context, Header, Message, Node, Text, link, spans
from domain.postmortem import ActionItem, Postmortem
from domain.postmortem_file import file_name

HEAD = "head"
SECTIONS: dict[str, str] = {
    "summary": "Summary",
    "impact": "Impact",
    "timeline": "Timeline",
    "contributing_factors": "Contributing factors",
    "detection": "Detection",
    "resolution": "Resolution",
    "went_well": "What went well",
    "went_wrong": "What went wrong",
    "lucky": "Where we got lucky",
    "action_items": "Action items",
}
LONGEST_TIMELINE = 25
# What every chat takes in one message beside the line above it
MOST_SHOWN = 2_000


def card_key(incident: str, section: str) -> str:
    """One living message for each section."""
    return f"postmortem:{incident}:{section}"


def waiting_letter(incident: str, url: str) -> Message:
    """For whoever the draft is left to: it waits to be read, and where."""
    told = spans(
        "The rules or a model wrote it from the timeline; you know better. Read it ",
        link("sentence by sentence", f"{url}/incidents/{incident}/postmortem"),
        ", mend it, publish it.",
    )
    moves = (
        button("postmortem show", incident, "Show it", "primary"),
        button("postmortem publish", incident, "Publish"),
    )
    nodes = (
        Header(text=f"📄 The postmortem of {incident} waits for you", tone="info"),
        Text(spans=told),
        Actions(buttons=moves),
    )
    return Message(nodes=nodes, urgency="quiet")


def file_note(incident: str, url: str, markdown: str) -> Message:
    """Where the file is; a short one stands there too."""
    page = f"{url}/incidents/{incident}/postmortem"
    where = spans("Markdown of ", link(f"{incident}'s postmortem", page), ", to download: ")
    told = (*where, link(file_name(incident), f"{page}.md"))
    short = (Code(text=markdown),) if len(markdown) <= MOST_SHOWN else ()
    return Message(nodes=(Text(spans=told), *short))


def section_card(postmortem: Postmortem, section: str) -> Message:
    """The head or a section as it stands now."""
    if section == HEAD:
        return _head(postmortem)
    nodes: tuple[Node, ...] = (Header(text=SECTIONS[section]), *_words(postmortem, section))
    return Message(nodes=nodes, update_key=card_key(postmortem.incident, section), urgency="quiet")


def _head(postmortem: Postmortem) -> Message:
    incident = postmortem.incident
    published = postmortem.status == "published"
    state = "published" if published else "draft, unreviewed"
    entries, claims = len(postmortem.timeline), len(postmortem.claims)
    told = f"{claims} sentences, each tied to the timeline's {entries} entries; written by "
    nodes: list[Node] = [
        Header(text=f"📄 Postmortem {incident} · {state}", tone="good" if published else "info"),
        Text(spans=spans(told, f"{postmortem.written_by}. The sections are in this thread.")),
    ]
    if not published:
        moves = (
            button("postmortem edit", incident, "Edit…", "primary"),
            button("postmortem action", incident, "Add action…"),
            button("postmortem publish", incident, "Publish"),
        )
        nodes.append(Actions(buttons=moves))
    return Message(nodes=tuple(nodes), update_key=card_key(incident, HEAD))


def _words(postmortem: Postmortem, section: str) -> list[Node]:
    if section == "timeline":
        return _timeline(postmortem)
    if section == "action_items":
        lines = [_action(item) for item in postmortem.action_items]
    else:
        value = getattr(postmortem, section)
        lines = [value] if isinstance(value, str) else [f"• {line}" for line in value]
    return [Text(spans=spans(line)) for line in lines if line] or [_nothing()]


def _timeline(postmortem: Postmortem) -> list[Node]:
    rows = postmortem.timeline
    shown = [Text(spans=spans(f"{row.at:%H:%M:%S} {row.text}")) for row in rows[:LONGEST_TIMELINE]]
    rest = len(rows) - LONGEST_TIMELINE
    more = [Context(spans=spans(f"… and {rest} more on the incident's page"))] if rest > 0 else []
    return [*shown, *more] or [_nothing()]


def _action(item: ActionItem) -> str:
    until = f", due {item.due:%Y-%m-%d}" if item.due else ""
    return f"• {item.text} ({item.owner or 'nobody yet'}{until})"


def _nothing() -> Text:
    return Text(spans=spans("Nothing written yet."))
