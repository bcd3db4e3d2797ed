"""What becomes a new message in an incident's room, and why; everything else edits a card.

This is the whole policy: a new message calls people away from what they do, an edit does not
(experience.md 3.1). Approvals, pages and their rings are asked of persons and stand beside it.
"""

from domain.base import Frozen
from domain.message import Tone


class News(Frozen):
    """How such a message begins, and ``why`` an edit would not do.

    What is only relayed is new to the rooms on other platforms, never where it was done.
    """

    title: str = ""
    tone: Tone = "neutral"
    why: str


NEWS: dict[str, News] = {
    "update_posted": News(title="Update", tone="info", why="people wait for it"),
    "escalation_stepped": News(
        title="⏫ No answer in time", tone="warning", why="somebody in the room may be able to help"
    ),
    "escalation_exhausted": News(
        title="🔴 Nobody has answered", tone="danger", why="nobody looks after it"
    ),
    "severity_changed": News(
        title="Severity changed", tone="warning", why="it is worse than people thought"
    ),
    "incident_resolved": News(title="Resolved", tone="good", why="people may go"),
    "incident_reopened": News(title="Reopened", tone="warning", why="people must come back"),
    "incident_merged": News(title="Merged", why="it goes on in another room"),
    "update_overdue": News(
        title="An update is due", tone="warning", why="the lead has promised one"
    ),
    "glass_broken": News(
        title="⚠ Glass broken", tone="danger", why="something was done without a second person"
    ),
    "approval_asked": News(why="whoever may decide may be in another chat"),
    "approval_executed": News(why="its card stands in the home room alone"),
    "approval_denied": News(why="its card stands in the home room alone"),
    "role_assigned": News(why="people in another chat must know whom to ask"),
    "page_passed": News(
        why="whoever held a role does not any more, and another chat cannot see it"
    ),
    "symptom_joined": News(
        title="A symptom", why="it may be another fault, and one press takes it back"
    ),
    "remedy_begun": News(
        title="Running by itself", tone="info", why="nobody asked for it, and people may stop it"
    ),
    "remedy_stopped": News(
        title="It went wrong by itself", tone="danger", why="somebody has to look after it now"
    ),
    "member_added": News(why="members must know who reads with them"),
    "room_told": News(why="somebody speaks to the room from elsewhere"),
}
