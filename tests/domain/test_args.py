"""Argument models: what typed words become."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

import pytest
from pydantic import ValidationError

from domain.args import (
    Arg,
    Args,
    DurationArg,
    IncidentId,
    PersonId,
    SeverityArg,
    UntilArg,
    WhenArg,
    slots_of,
)
from domain.severity import Severity

FRIDAY = datetime(2026, 11, 20, 10, 0, tzinfo=UTC)
CONTEXT = {"now": FRIDAY, "zone": "Europe/Berlin"}


class Everything(Args):
    """One field of each kind that is read."""

    incident: IncidentId = None
    severity: Annotated[SeverityArg | None, Arg("severity")] = None
    duration: Annotated[DurationArg | None, Arg("duration", ("for", "For-How-Long"))] = None
    person: Annotated[PersonId | None, Arg("person")] = None
    start: Annotated[WhenArg | None, Arg("when")] = None
    end: Annotated[UntilArg | None, Arg("when")] = None
    mood: Annotated[Literal["Good", "Bad"] | None, Arg("choice")] = None


def read(**given: Any) -> Everything:
    """The arguments, as somebody in Berlin types them on Friday."""
    return Everything.model_validate(given, context=CONTEXT)


@pytest.mark.parametrize(
    ("field", "typed", "value"),
    [
        ("incident", "INC-42", "INC-42"),
        ("incident", "inc42", "INC-42"),
        ("incident", " 42 ", "INC-42"),
        ("incident", None, None),
        ("severity", "p2", Severity.SEV2),
        ("severity", "critical", Severity.SEV1),
        ("severity", Severity.SEV3, Severity.SEV3),
        ("duration", "1d12h", timedelta(days=1, hours=12)),
        ("duration", timedelta(hours=1), timedelta(hours=1)),
        ("person", "@Bob ", "bob"),
        ("start", "fri 18:00", datetime(2026, 11, 20, 17, tzinfo=UTC)),
        ("start", FRIDAY, FRIDAY),
        ("end", "2h", FRIDAY + timedelta(hours=2)),
        ("end", FRIDAY, FRIDAY),
    ],
)
def test_typed_word_becomes_a_value(field, typed, value):
    """Each kind accepts the ways in which people write it, and the value itself."""
    assert value == getattr(read(**{field: typed}), field)


@pytest.mark.parametrize(
    ("start", "end", "value"),
    [
        ("fri 18:00", "22:00", datetime(2026, 11, 20, 21, tzinfo=UTC)),
        ("fri 22:00", "6am", datetime(2026, 11, 21, 5, tzinfo=UTC)),  # the next morning
        ("mon 9", "8h", datetime(2026, 11, 23, 16, tzinfo=UTC)),
    ],
)
def test_end_counts_from_the_start(start, end, value):
    """The end of a span lies after its beginning, not after now."""
    assert value == read(start=start, end=end).end


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("incident", "checkout"),
        ("incident", 42),
        ("incident", "9" * 16),
        ("severity", "awful"),
        ("duration", "a while"),
        ("start", "soon"),
        ("end", "soon"),
        ("mood", "good"),
        ("unknown", "x"),
    ],
)
def test_other_words_are_refused(field, typed):
    """What cannot be read names its field."""
    with pytest.raises(ValidationError) as refused:
        read(**{field: typed})
    assert refused.value.errors()[0]["loc"][0] == field


def test_stored_arguments_need_no_present():
    """A held call carries instants; they are read without a clock."""
    stored = {"start": "2026-11-22T09:00:00Z", "end": "2026-11-22T10:00:00Z"}
    found = Everything.model_validate(stored)
    assert found.end == datetime(2026, 11, 22, 10, tzinfo=UTC)


def test_slots_tell_every_surface_what_a_field_is():
    """Names in lower case with underscores, choices, and what is required."""
    slots = {slot.name: slot for slot in slots_of(Everything)}
    assert slots["duration"].names == ("duration", "for", "for_how_long")
    assert slots["severity"].choices == ("SEV1", "SEV2", "SEV3", "SEV4", "SEV5")
    assert slots["mood"].choices == ("Good", "Bad")
    assert not slots["mood"].required


@pytest.mark.parametrize(
    ("field", "word", "fits"),
    [
        ("incident", "inc-7", True),
        ("incident", "x", False),
        ("severity", "major", True),
        ("duration", "0m", True),
        ("duration", "9", False),
        ("start", "9", True),
        ("mood", "bad", True),
        ("mood", "ugly", False),
        ("person", "anybody", True),
    ],
)
def test_word_fits_a_field(field, word, fits):
    """Kinds with a shape can tell; a person may be called anything."""
    slot = next(slot for slot in slots_of(Everything) if slot.name == field)
    assert fits == slot.fits(word)


@pytest.mark.parametrize(
    ("field", "word", "spelled"),
    [("mood", "bad", "Bad"), ("mood", "x", "x"), ("severity", "x", "x")],
)
def test_choice_is_spelled_as_declared(field, word, spelled):
    """Capitals do not matter to the person; other kinds keep what was typed."""
    slot = next(slot for slot in slots_of(Everything) if slot.name == field)
    assert spelled == slot.spelled(word)


def test_field_without_an_arg_is_a_programming_error():
    """A command that forgets to say how a field is typed does not start."""

    class Forgetful(Args):
        title: str

    with pytest.raises(TypeError, match=r"Forgetful\.title has no Arg"):
        slots_of(Forgetful)
