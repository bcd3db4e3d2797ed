"""What rooms are called."""

import pytest

from domain.incident import Incident
from domain.room_name import room_name, room_template
from domain.severity import Severity
from tests.fakes.stores import NOON

MADE = Incident(
    id="INC-42",
    number=42,
    title="Trino: queries fail!",
    severity=Severity.SEV2,
    service="trino",
    stage="active",
    urgency="high",
    source="person",
    correlation_id="c",
    detected_at=NOON,
    declared_at=NOON,
)


@pytest.mark.parametrize(
    ("template", "name"),
    [
        ("inc-{number}-{title}", "inc-42-trino-queries-fail"),
        ("{severity} {service} {number}", "sev2-trino-42"),
        ("{number}", "42"),
    ],
)
def test_a_template_is_filled_in(template, name):
    """In the letters that every platform takes."""
    assert room_name(MADE, room_template(template)) == name


def test_of_a_private_incident_only_the_number_is_told():
    """Whatever the template says."""
    private = MADE.model_copy(update={"private": True})
    assert room_name(private, "{title}-{number}") == "inc-42"


def test_a_title_is_cut_and_never_empty():
    """Sixty letters, and no dash at the end."""
    assert (
        len(room_name(MADE.model_copy(update={"title": "a " * 200}), "inc-{number}-{title}")) <= 60
    )
    assert room_name(MADE.model_copy(update={"title": "🔥"}), "inc-{number}-{title}") == "inc-42"


@pytest.mark.parametrize(
    "template", ["inc", "{title}", "{number}-{nobody}", "{number", "{number}{}"]
)
def test_a_template_that_tells_nothing_apart_is_refused(template):
    """With what to write."""
    with pytest.raises(ValueError, match=r"use|needs"):
        room_template(template)
