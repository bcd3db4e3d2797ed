"""What Tocsin asks a workspace to allow, each with its reason (rules.md 17)."""

from domain.base import Frozen


class SlackScope(Frozen):
    """A scope of the bot token and what it is for; without an ``optional`` one, that feature is
    missing and everything else works."""

    name: str
    reason: str
    optional: bool = False


SCOPES = (
    SlackScope(name="commands", reason="Slash commands and shortcuts"),
    SlackScope(name="chat:write", reason="Posting cards, pages and answers, and editing them"),
    SlackScope(name="im:write", reason="Opening the direct message in which a person is paged"),
    SlackScope(
        name="im:history",
        reason="Reading what is typed to Tocsin directly; looking whether a page has arrived",
    ),
    SlackScope(name="users:read", reason="Telling members from guests and bots"),
    SlackScope(
        name="users:read.email",
        reason="Linking an account to its person by a confirmed e-mail, where that is turned on",
    ),
    SlackScope(name="app_mentions:read", reason="Hearing @Tocsin, the only way in inside threads"),
    SlackScope(
        name="channels:manage",
        reason="Rooms: opening one for an incident, its topic, its people, closing it",
        optional=True,
    ),
    SlackScope(
        name="groups:write", reason="Rooms of private incidents, as private channels", optional=True
    ),
    SlackScope(
        name="channels:read",
        reason=(
            "Rooms: finding a channel by its name, opening one only once, and hearing that Tocsin"
            " was brought into one"
        ),
        optional=True,
    ),
    SlackScope(name="groups:read", reason="Rooms: the same for private channels", optional=True),
    SlackScope(
        name="channels:join", reason="Rooms: entering the public ones that are set", optional=True
    ),
    SlackScope(
        name="channels:history",
        reason=(
            "History: adding a message to the timeline, passing on direct questions and bridging"
            " an incident's rooms, looking whether a card has arrived"
        ),
        optional=True,
    ),
    SlackScope(
        name="groups:history", reason="History: the same in private channels", optional=True
    ),
    SlackScope(
        name="reactions:read", reason="Reactions: adding a message by an emoji", optional=True
    ),
    SlackScope(
        name="pins:write", reason="Pins: the card at the head of the incident's room", optional=True
    ),
    SlackScope(
        name="dnd:read",
        reason="Do Not Disturb: ringing by the next way at once where Slack keeps silent",
        optional=True,
    ),
    SlackScope(
        name="usergroups:write",
        reason="User groups: one that holds who is on call, where a schedule names it",
        optional=True,
    ),
)
REQUIRED = tuple(one.name for one in SCOPES if not one.optional)
OPTIONAL = tuple(one.name for one in SCOPES if one.optional)
