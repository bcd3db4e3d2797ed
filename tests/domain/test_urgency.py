"""What senders' severity words mean."""

import pytest

from domain.severity import Severity
from domain.urgency import meaning


@pytest.mark.parametrize(
    ("word", "severity", "urgency"),
    [
        ("emergency", "SEV1", "high"),
        ("critical", "SEV2", "high"),
        ("Page", "SEV2", "high"),
        ("error", "SEV3", "low"),
        (" WARNING ", "SEV4", "low"),
        ("info", "SEV5", "none"),
        ("P1", "SEV1", "high"),
        ("p4", "SEV4", "low"),
    ],
)
def test_known_words(word: str, severity: str, urgency: str):
    """Critical and page wake people, error and warning wait for working hours, info waits."""
    found = meaning(word)
    assert (found.severity, found.urgency, found.known) == (Severity(severity), urgency, True)
    assert found.reason == f"the sender says {word.strip()}"


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        ("bogus", "the sender's severity 'bogus' is unknown"),
        ("", "the sender gives no severity"),
    ],
)
def test_unknown_words_page_once_and_ask_for_a_route(word: str, reason: str):
    """Rule 5: unknown is high once, and says what to do about it."""
    found = meaning(word)
    assert (found.severity, found.urgency, found.known) == (Severity.SEV3, "high", False)
    assert found.reason.startswith(reason)
    assert "a route can say" in found.reason
