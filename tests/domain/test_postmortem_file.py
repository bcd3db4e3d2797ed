"""The postmortem as a file: whole, each sentence with its evidence, and nothing that acts."""

from datetime import UTC, datetime

import pytest

from domain.postmortem import ActionItem, Claim, Postmortem, TimelineRow
from domain.postmortem_file import About, inert, markdown
from domain.severity import Severity

AT = datetime(2026, 11, 21, 2, 6, tzinfo=UTC)
WRITTEN = Postmortem(
    incident="INC-42",
    summary="Queries failed. Bob rolled back. Why so late?",
    impact="",
    timeline=(
        TimelineRow(at=AT, text="SEV2 declared by Bob", fact="f1"),
        TimelineRow(at=AT, text="Update by Bob: <b>rolled</b> back", fact="f2"),
    ),
    contributing_factors=("No canary.",),
    detection="",
    resolution="",
    went_well=(),
    went_wrong=(),
    lucky=(),
    action_items=(
        ActionItem(id="ACT-3", text="add an alert", owner="bob", due=AT, status="open"),
        ActionItem(id="draft-1", text="add a canary"),
    ),
    claims=(Claim(sentence="Bob rolled back.", cites=("f2", "f1", "gone")),),
    written_by="rules",
)


def test_it_is_the_whole_document():
    """Sentences point to the timeline's entries by number; what is empty says so."""
    told = markdown(WRITTEN, About(title="It fails", severity=Severity.SEV2, service="trino"))
    assert told.startswith("# Postmortem INC-42: It fails\n\nSEV2 · trino · draft, unreviewed")
    assert "## Summary\n\nQueries failed. Bob rolled back. \\[1, 2\\] Why so late?\n" in told
    assert "## Impact\n\nNothing written yet.\n" in told
    assert "## Contributing factors\n\n- No canary.\n" in told
    assert "\n2. 2026-11-21 02:06:00 UTC: Update by Bob: \\<b\\>rolled\\</b\\> back\n" in told
    assert told.endswith(
        "- [ ] ACT-3: add an alert (bob, due 2026-11-21)\n- [ ] add a canary (nobody yet)\n"
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# big", "\\# big"),
        ("- point\n1. one", "\\- point 1. one"),
        ("1. one", "1\\. one"),
        ("[x](https://evil.example)", "\\[x\\](https\\:\\/\\/evil.example)"),
        ("![x](y)", "\\!\\[x\\](y)"),
        ("www.evil.example", "www\\.evil.example"),
        ("`rm` *a* _b_ ~c~ |d| &amp; \\", "\\`rm\\` \\*a\\* \\_b\\_ \\~c\\~ \\|d\\| \\&amp; \\\\"),
        ("<script>", "\\<script\\>"),
    ],
)
def test_what_was_written_is_shown_and_does_nothing(text, shown):
    """No heading, list, link, picture, emphasis, table or HTML comes of it."""
    assert inert(text) == shown
