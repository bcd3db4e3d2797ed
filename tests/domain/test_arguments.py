"""Which typed word is which argument."""

import pytest

from domain.arguments import fill
from domain.tokens import split
from tests.fakes.sample_commands import SAMPLE


def filled(name: str, line: str, room: str | None = None):
    """What the words after the verb become."""
    return fill(SAMPLE.commands[name], split(line), room)


@pytest.mark.parametrize(
    ("name", "line", "args"),
    [
        # options, in every way of writing
        ("incident declare", "db slow sev:2", {"severity": "2", "title": "db slow"}),
        ("incident declare", "db slow sev=2", {"severity": "2", "title": "db slow"}),
        ("incident declare", "--sev 2 db slow", {"severity": "2", "title": "db slow"}),
        ("incident declare", "db --severity=2 slow", {"severity": "2", "title": "db slow"}),
        ("incident declare", "db slow sev: 2", {"severity": "2", "title": "db slow"}),
        ("incident declare", "db slow --private", {"private": "true", "title": "db slow"}),
        ("incident declare", "db slow private:no", {"private": "no", "title": "db slow"}),
        ("incident declare", 'svc:"web shop" db', {"service": "web shop", "title": "db"}),
        ("incident declare", '--svc "web shop" db', {"service": "web shop", "title": "db"}),
        ("incident update", "hi --notify-people", {"notify_people": "true", "text": "hi"}),
        # what only looks like an option stays text
        ("incident declare", "see http://x:8080", {"title": "see http://x:8080"}),
        ("incident declare", "note: foo", {"title": "note: foo"}),
        ("incident declare", 'the "sev:2" label', {"title": 'the "sev:2" label'}),
        ("incident declare", "sev: unknown", {"title": "sev: unknown"}),
        ("incident declare", "no sev:", {"title": "no sev:"}),
        ("incident declare", "service: checkout", {"title": "service: checkout"}),
        # the text by its own name takes what follows
        ("incident declare", "title:db slow sev:2", {"title": "db slow", "severity": "2"}),
        # words known by their shape, at the ends of a text
        ("incident declare", "db slow p1", {"severity": "p1", "title": "db slow"}),
        ("incident declare", "sev-2 db slow", {"severity": "sev-2", "title": "db slow"}),
        ("incident declare", "private db leak", {"private": "true", "title": "db leak"}),
        ("incident declare", "db leak private", {"private": "true", "title": "db leak"}),
        ("incident declare", "a private matter", {"title": "a private matter"}),
        ("incident declare", 'db "private"', {"title": 'db "private"'}),
        ("incident declare", "db slow sev:2 p1", {"severity": "2", "title": "db slow p1"}),
        ("incident declare", "critical", {"title": "critical"}),
        ("page send", "@bob disk space low", {"target": "@bob", "why": "disk space low"}),
        ("incident action", "fix it @bob", {"owner": "@bob", "text": "fix it"}),
        ("incident action", "ask @bob first", {"text": "ask @bob first"}),
        ("incident action", "mail @", {"text": "mail @"}),
        # an incident's id
        ("incident note", "INC-7 hello", {"incident": "INC-7", "text": "hello"}),
        ("incident note", "hello inc7", {"incident": "inc7", "text": "hello"}),
        ("incident note", "like INC-7 was", {"text": "like INC-7 was"}),
        ("incident note", "42 errors", {"text": "42 errors"}),
        ("incident note", "42", {"text": "42"}),
        ("incident resolve", "42", {"incident": "42"}),
        ("incident resolve", '"42"', {"text": "42"}),
        ("incident ack", "42", {"incident": "42"}),
        ("incident severity", "2 INC-7", {"incident": "INC-7", "severity": "2"}),
        ("incident severity", "2", {"severity": "2"}),
        ("incident severity", "7 2", {"incident": "7", "severity": "2"}),
        ("incident merge", "7 into:8", {"incident": "7", "into": "8"}),
        ("incident merge", "INC-7 INC-8", {"incident": "INC-7", "into": "INC-8"}),
        ("incident merge", "incident:7 into:8", {"incident": "7", "into": "8"}),
        ("page notours", "web", {"to": "web"}),
        ("page notours", "42 web a proxy", {"page": "42", "to": "web", "why": "a proxy"}),
        ("incident link", "INC-7", {"what": "INC-7"}),
        ("incident link", "INC-7 https://x/y", {"incident": "INC-7", "what": "https://x/y"}),
        ("alert silence", "ALR-3 why:flaps", {"alert": "ALR-3", "why": "flaps"}),
        # one word that is a choice is no sentence
        ("incident update", "Monitoring", {"status": "monitoring"}),
        ("incident update", "monitoring now", {"text": "monitoring now"}),
        ("incident resolve", "false_alarm", {"resolution": "false_alarm"}),
        # by position; an optional field lets pass what does not fit it
        ("incident list", "mine 5", {"which": "mine", "limit": "5"}),
        ("incident list", "5", {"limit": "5"}),
        ("incident role", "Scribe bob", {"role": "scribe", "person": "bob"}),
        ("incident role", "@bob scribe", {"role": "scribe", "person": "@bob"}),
        ("incident role", "cook", {"role": "cook"}),
        ("page send", "web", {"target": "web"}),
        # times of two words, and spans of time
        ("incident action", "fix due:fri 18:00 it", {"due": "fri 18:00", "text": "fix it"}),
        ("incident action", "x due:fri 9 pods", {"due": "fri", "text": "x 9 pods"}),
        ("incident action", "x due:fri", {"due": "fri", "text": "x"}),
        ("oncall who", "at:tomorrow 9 web", {"at": "tomorrow 9", "service": "web"}),
        ("oncall override", "@x 18:00-6am", {"person": "@x", "start": "18:00", "end": "6am"}),
        (
            "oncall override",
            "@x fri 18:00-22:00",
            {"person": "@x", "start": "fri 18:00", "end": "22:00"},
        ),
        ("oncall override", "@x 1h 3h", {"person": "@x", "start": "1h", "end": "3h"}),
        ("oncall override", "@x now", {"person": "@x", "start": "now"}),
        (
            "oncall override",
            "@x from fri 18:00 to sat 9",
            {"person": "@x", "start": "fri 18:00", "end": "sat 9"},
        ),
        # a text that has only a name takes the words after it
        ("alert silence", "why:too noisy for:2h", {"why": "too noisy", "duration": "2h"}),
        ("alert silence", "why: too noisy for:2h", {"why": "too noisy", "duration": "2h"}),
        (
            "alert hide",
            "a=b for:2h why:too noisy",
            {"matchers": "a=b", "lasts": "2h", "why": "too noisy"},
        ),
        ("alert hide", "a=b why: too noisy", {"matchers": "a=b", "why": "too noisy"}),
        ("alert hide", "why:noisy a=b c=d", {"matchers": "a=b c=d", "why": "noisy"}),
        ("alert hide", "why: noisy", {"matchers": "why: noisy"}),
        ("alert silence", "--why too noisy", {"why": "too noisy"}),
        ("alert silence", 'why:"too noisy" ALR-1', {"why": "too noisy", "alert": "ALR-1"}),
    ],
)
def test_every_word_finds_its_argument(name, line, args):
    """The words after the verb become exactly these arguments."""
    found = filled(name, line)
    assert (found.problem, found.args) == ("", args)


def test_id_at_the_end_is_a_remark_in_an_incidents_room():
    """In a room, “same as INC-40” is what the person says, not where it is written."""
    assert filled("incident note", "same as INC-40", "INC-42").args == {"text": "same as INC-40"}


def test_id_at_the_beginning_counts_in_a_room_too():
    """Naming another incident first is plain enough."""
    found = filled("incident note", "INC-40 same", "INC-42")
    assert found.args == {"incident": "INC-40", "text": "same"}


@pytest.mark.parametrize(
    ("name", "line", "problem"),
    [
        ("incident ack", "please", "/incident ack has no place for “please”"),
        ("incident list", "open 5 6", "/incident list has no place for “6”"),
        ("incident list", "x:y", "/incident list has no place for “x:y”"),
        ("oncall override", "@x now 1h teatime", "/oncall override has no place for “teatime”"),
        ("oncall override", "@x now teatime", "/oncall override has no place for “teatime”"),
        ("incident declare", "x sev:1 severity:2", "severity is given twice: type it once"),
        ("incident declare", "x --sev", "--severity needs a value: type severity:…"),
        ("incident declare", "--sev --private", "--severity needs a value: type severity:…"),
    ],
)
def test_word_without_a_place_is_a_problem(name, line, problem):
    """Nothing that was typed is dropped in silence."""
    assert problem == filled(name, line).problem


def test_misspelt_option_names_the_one_meant():
    """The person sees which option it should have been."""
    found = filled("incident list", "limt:5")
    assert (found.wrong, found.right) == ("limt:5", "limit:5")


def test_misspelt_option_without_a_value():
    """A bare ``--limt`` is recognised as well."""
    assert filled("incident list", "--limt").right == "limit:"
