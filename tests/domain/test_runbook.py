"""Runbooks: what they may be told, what a run would do to the letter, and what is wrong in them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from domain.errors import Invalid, Refused
from domain.run import guard_of
from domain.runbook import SAFETIES, Runbook
from domain.runbook_faults import faults
from domain.runbook_plan import plan_of
from domain.runbook_render import render
from domain.runbook_search import Page, ranked
from domain.runbook_values import parse_values, written_values
from domain.server import Server

GET = {"http": {"url": "https://trino.example.com/${host}?q=${host}"}}
RESTART = {"name": "Restart", "command": ["systemctl", "restart", "--", "${host}"]}


def runbook(*steps: Any, **more: Any) -> Runbook:
    """A runbook with one parameter, ``host``, and these steps."""
    told = {"id": "restart", "title": "Restart", "parameters": [{"name": "host"}]}
    return Runbook.model_validate(told | {"steps": steps} | more)


def test_a_plan_says_everything_to_the_letter():
    """Each argument apart, each request whole, what checks it and what takes it back."""
    made = runbook(
        {"name": "Ask ${host}"} | GET,
        RESTART | {"undo": {"manual": "Look at ${host}"}, "verify": GET, "timeout": "90s"},
        {"name": "Never", "message": "x", "when": {"host": "db-4"}},
        {"name": "Pay", "message": "5 $${host}"},
    )
    plan = render(made, parse_values("host=db-3"), {}, ())
    assert plan.text == (
        f"Runbook restart in prod: Restart\nVersion restart {made.version}\n"
        'host = "db-3"\n'
        "1. Ask db-3 (read, at most 1 m)\n"
        "   GET https://trino.example.com/db-3?q=db-3, expecting any 2xx\n"
        "2. Restart (disruptive, at most 1 m 30 s)\n"
        '   run ["systemctl", "restart", "--", "db-3"]\n'
        "   then check: GET https://trino.example.com/db-3?q=db-3, expecting any 2xx\n"
        "   undone by: a person does: Look at db-3\n"
        "3. Pay (read, at most 1 m)\n"
        "   say: 5 ${host}\n"
        "Left out: restart step 3, Never: host is not db-4"
    )
    agreed = plan_of(plan, "INC-1", "web")
    assert (agreed.danger, agreed.title) == ("disruptive", "run restart host=db-3")
    edited = runbook(*(one.model_dump(exclude_none=True) for one in made.steps[:1]))
    assert edited.version != made.version


def test_what_people_do_by_hand_reads_as_that():
    """It has no time of its own, and nobody says that it only reads."""
    steps = [{"name": "Look", "manual": "Look at it"}]
    plan = render(runbook(*steps), {"host": "x"}, {}, ())
    assert plan.text.endswith("1. Look (by hand)\n   a person does: Look at it")
    assert plan_of(plan, None, None).because == "people do all of it by hand"
    steps += [{"name": "Pull", "manual": "Pull the plug", "safety": "disruptive"}]
    plan = render(runbook(*steps), {"host": "x"}, {}, ())
    assert "2. Pull (by hand, disruptive)" in plan.text
    assert plan_of(plan, None, None).because == "its most dangerous step is disruptive"


def test_a_statement_says_what_it_can():
    """Its values stand beside it, never within."""
    read = {"connection": "main", "read": "SELECT a::int FROM b WHERE c = :host"}
    steps = [
        {"name": "Ask", "sql": read | {"values": {"host": "${host}"}}},
        {"name": "Go", "sql": {"connection": "main", "write": "DELETE FROM b", "most_rows": 3}},
    ]
    plan = render(runbook(*steps), {"host": "db-3"}, {}, ())
    assert plan.text.splitlines()[3:] == [
        "1. Ask (read, at most 1 m)",
        "   in main read, unable to write tables, at most 50 rows: SELECT a::int FROM b"
        ' WHERE c = :host, host = "db-3"',
        "2. Go (disruptive, at most 1 m)",
        "   in main write, or nothing, at most 3 rows: DELETE FROM b",
    ]


def test_what_is_sent_and_waited_for_stands_in_the_plan():
    """And after each batch what must hold before the next."""
    wait = {"url": "https://${host}.example.com/", "expect": [200, 204]}
    steps = [
        {"name": "Post", "http": {"method": "POST", "url": "https://a.example/", "send": {"a": 1}}},
        {"name": "Go", "command": ["a"], "for_each": "workers", "batch": 2, "gate": {"wait": wait}},
    ]
    plan = render(runbook(*steps), {"host": "db-3"}, {}, (), WORKERS)
    assert 'POST https://a.example/, sending {"a": 1}, expecting any 2xx' in plan.text
    assert "Go: holds after batch 1 of 2 (read, at most 5 m)" in plan.text
    assert "wait until https://db-3.example.com/ answers 200 or 204" in plan.text
    assert plan.steps[-1].name == "Go: holds after batch 2 of 2"


def test_where_nothing_would_be_done_that_is_said():
    """Before anybody agrees to it."""
    never = {"name": "Never", "message": "x", "when": {"host": "db-4"}}
    with pytest.raises(Invalid, match="none of its steps applies"):
        render(runbook(never), {"host": "db-3"}, {}, ())
    with pytest.raises(Invalid, match="it is text for people to follow"):
        render(runbook(), {"host": "db-3"}, {}, ())


POST = {"http": {"method": "POST", "url": "https://a.example/"}}
DELETE = {"sql": {"connection": "main", "write": "DELETE FROM b"}}
WRITES = "safety is not read where it or its undo writes"


@pytest.mark.parametrize(
    ("step", "told"),
    [
        (GET | {"verify": DELETE}, "verify only looks"),
        (GET | {"verify": POST}, "verify only looks"),
        (DELETE | {"safety": "read"}, WRITES),
        (POST | {"safety": "read"}, WRITES),
        ({"manual": "a", "undo": POST, "safety": "read"}, WRITES),
        ({"manual": "a", "undo": POST}, "disruptive"),
        (GET | {"undo": DELETE}, "disruptive"),
        (GET | {"undo": {"command": ["a"]}}, "disruptive"),
        ({"command": ["a"], "undo": {"command": ["b"]}, "safety": "read"}, "read"),
        (POST | {"undo": POST, "safety": "reversible"}, "reversible"),
        (GET | {"undo": {"message": "a"}, "verify": {"command": ["look"]}}, "read"),
    ],
)
def test_what_is_called_reading_reads(step: Any, told: str):
    """Its check and what takes it back too, as far as their words say; else a person agrees."""
    if told not in SAFETIES:
        with pytest.raises(ValueError, match=told):
            runbook(step | {"name": "a"})
        return
    plan = render(runbook(step | {"name": "a"}), {"host": "x"}, {}, ())
    assert plan.safety == told
    assert bool(guard_of(plan)) == (told != "read")


@pytest.mark.parametrize(
    ("statement", "reads"),
    [
        ("select 1", True),
        ("-- why\n /* what\n */ (TABLE a) UNION (SELECT 1)", True),
        ("/**/WITH a AS (SELECT 1) SELECT * FROM a", True),
        ("COPY (SELECT 'x') TO PROGRAM 'cat'", False),
        ("-- a\rCOPY a TO PROGRAM 'b' /*\nSELECT */", False),
        ("/* /* */ SELECT */ COPY a TO PROGRAM 'b'", False),
        ("-- SELECT", False),
        ("selection", False),
        ("DO $$ BEGIN END $$", False),
    ],
)
def test_how_a_statement_that_reads_begins(statement: str, reads: bool):
    """As the server reads it; the fault stands at the statement."""
    step = {"name": "a", "sql": {"connection": "main", "read": statement}}
    if reads:
        assert runbook(step).steps[0].danger == "read"
        return
    with pytest.raises(ValidationError, match="what reads begins with SELECT") as found:
        runbook(step)
    assert found.value.errors()[0]["loc"] == ("steps", 0, "sql")


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("host=-rf", "may not begin with a dash"),
        ('host="; rm -rf /"', "has to fit"),
        ('host="a\nb"', "line ends"),
        ('host="a\0b"', "control characters"),
        ('host="a\u202eb"', "letters that are not seen"),
        ("host={{7*7}}", "has to fit"),
        ("host=${host}", "has to fit"),
        ("host=", "1 to 500 letters"),
        (f"host={'a' * 501}", "1 to 500 letters"),
        ("", "It needs host"),
        ("host=a port=1", "There is no parameter port. Type host."),
        ("host=a host=b", "given twice"),
        ("host", "is no value"),
        ('host="a', "is no value"),
    ],
)
def test_what_does_not_fit_is_refused(line: str, told: str):
    """Before anything is asked of anybody."""
    with pytest.raises(Invalid, match=told):
        render(runbook(RESTART), parse_values(line), {}, ())


@pytest.mark.parametrize(
    ("parameter", "fits", "unfit", "told"),
    [
        ({"type": "choice", "choices": ["eu", "us"]}, "eu", "asia", "host is one of eu, us"),
        ({"type": "service"}, "trino", "w1", "host is the name of a service"),
        ({"type": "server"}, "w1", "trino", "host is the name of a server"),
        ({"type": "number"}, "12", "many", "host has to fit"),
    ],
)
def test_a_value_is_one_of_those_there_are(parameter: Any, fits: str, unfit: str, told: str):
    """Each parameter takes its own kind, and says which."""
    made = runbook(RESTART, parameters=[{"name": "host"} | parameter])
    plan = render(made, {"host": fits}, {}, ("trino",), WORKERS)
    assert plan.values == {"host": fits}
    with pytest.raises(Invalid, match=told):
        render(made, {"host": unfit}, {}, ("trino",), WORKERS)


@given(st.text(max_size=40))
def test_a_value_arrives_as_it_is_or_not_at_all(value: str):
    """Whatever the author's own pattern lets through is one argument, byte for byte."""
    anything = [{"name": "host", "pattern": "(?s).*"}]
    try:
        plan = render(runbook(RESTART, parameters=anything), {"host": value}, {}, ())
    except Invalid:
        return
    command = plan.steps[0].action.command
    assert command == ("systemctl", "restart", "--", value)


def test_a_value_in_an_address_stays_in_its_part():
    """No path, query or host of its own."""
    parameters = [{"name": "host", "pattern": ".*"}]
    made = runbook({"name": "Ask"} | GET, parameters=parameters)
    plan = render(made, {"host": "../a?b#c@d"}, {}, ())
    http = plan.steps[0].action.http
    assert http
    assert http.url == (
        "https://trino.example.com/..%2Fa%3Fb%23c%40d?q=..%2Fa%3Fb%23c%40d"
    )  # fmt: skip
    odd = runbook({"name": "Ask", "http": {"url": "https://${host}/"}}, parameters=parameters)
    with pytest.raises(Invalid, match="does not fit its step"):
        render(odd, {"host": "a@b"}, {}, ())


def test_runbooks_that_call_others():
    """Their steps stand in their place; their versions are bound; a circle is refused."""
    below = runbook(RESTART, id="below")
    above = runbook({"name": "All", "call": "below", "given": {"host": "x-${host}"}}, id="above")
    shelf = {"below": below, "above": above}
    plan = render(above, {"host": "1"}, shelf, ())
    assert plan.steps[0].action.command == ("systemctl", "restart", "--", "x-1")
    assert plan.versions == {"above": above.version, "below": below.version}
    round_about = runbook({"name": "Back", "call": "above", "given": {"host": "a"}}, id="below")
    with pytest.raises(Invalid, match="above → below → above"):
        render(above, {"host": "1"}, shelf | {"below": round_about}, ())
    with pytest.raises(Refused, match="there is no such runbook"):
        render(above, {"host": "1"}, {}, ())


@pytest.mark.parametrize(
    ("step", "place", "told"),
    [
        (RESTART | {"command": ["${host}"]}, "steps.0.command.0", "which program is run"),
        (RESTART | {"command": ["a", "${hst}"]}, "steps.0.command.1", "no parameter hst"),
        (RESTART | {"undo": {"manual": "${}"}}, "steps.0.undo.manual", "names no parameter"),
        (RESTART | {"when": {"env": "prod"}}, "steps.0.when.env", "no parameter env"),
        ({"name": "x", "http": {"url": "http://a/", "send": {"b": ["${c}"]}}},
         "steps.0.http.send.b.0", "no parameter c"),
        ({"name": "x", "parallel": [RESTART, RESTART | {"command": ["${host}"]}]},
         "steps.0.parallel.1.command.0", "which program is run"),
        ({"name": "${server}", "command": ["a", "${server}"], "for_each": "workers",
          "gate": {"command": ["look", "${server}"]}},
         "steps.0.gate.command.1", "no parameter server"),
        ({"name": "${server}", "manual": "a"}, "steps.0.name", "no parameter server"),
        ({"name": "x", "sql": {"connection": "a", "read": "SELECT '${host}'"}},
         "steps.0.sql.read", "write :host in the statement, and host: ${host} under its values"),
    ],
)  # fmt: skip
def test_faults_are_found_where_they_stand(step: Any, place: str, told: str):
    """And nothing else is."""
    found = [(".".join(map(str, one.place)), one.text) for one in faults(runbook(step))]
    assert [one[0] for one in found] == [place]
    assert told in found[0][1]
    fine = RESTART | {"when": {"host": "db-3"}, "undo": {"manual": "write $${so} on ${host}"}}
    rule = {"match": "alertname=Stuck", "given": {"host": "db-3"}}
    assert [*faults(runbook(fine, automatic=rule))] == []


def test_faults_of_parameters():
    """A pattern that is none, a default that does not fit, a name twice."""
    parameters = [
        {"name": "a", "pattern": "("},
        {"name": "a", "default": "-x"},
        {"name": "n", "type": "number", "default": "many"},
    ]
    made = Runbook.model_validate({"id": "r", "title": "R", "parameters": parameters})
    places = [".".join(map(str, one.place)) for one in faults(made)]
    assert places == [
        "parameters.0.pattern", "parameters.1", "parameters.1.default", "parameters.2.default",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("odd", "told"),
    [
        ({"type": "choice"}, "choices are what a parameter of type choice takes"),
        ({"choices": ["a"]}, "choices are what a parameter of type choice takes"),
        ({"type": "number", "pattern": "1+"}, "a pattern is for a parameter of type text"),
    ],
)
def test_a_parameter_that_is_none(odd: Any, told: str):
    """Whoever writes it reads why."""
    with pytest.raises(ValueError, match=told):
        runbook(RESTART, parameters=[{"name": "host"} | odd])


def server(name: str) -> Server:
    """One of the workers."""
    key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHA"
    told = {"id": name, "host": "10.0.0.1", "user": "ops", "groups": ["workers"]}
    return Server.model_validate(told | {"host_keys": [key]})


WORKERS = {name: server(name) for name in ("w3", "w1", "w2")}
EACH = RESTART | {"for_each": "workers"}


def test_a_group_of_servers_is_named_one_by_one():
    """In their order; a called runbook is done for one after the other."""
    below = runbook(RESTART, GET | {"name": "Ask"}, id="below")
    call = {"name": "Each", "call": "below", "given": {"host": "${server}"}, "for_each": "workers"}
    plan = render(runbook(call), {"host": "x"}, {"below": below}, (), WORKERS)
    assert [one.touches for one in plan.steps] == ["w1", "w1", "w2", "w2", "w3", "w3"]
    assert plan.steps[2].action.command == ("systemctl", "restart", "--", "w2")
    ask = {"name": "Ask ${server}", "for_each": "${host}", "batch": 3} | GET
    plan = render(runbook(ask), {"host": "workers"}, {}, (), WORKERS)
    assert [one.name for one in plan.steps] == ["Ask w1", "Ask w2", "Ask w3"]
    assert {one.together for one in plan.steps} == {1}
    assert "Touches 3 servers: w1, w2, w3\n1 to 3 at the same time:\n" in plan.text
    parts = [RESTART, RESTART | {"when": {"host": "other"}}]
    plan = render(runbook({"name": "Both", "parallel": parts}), {"host": "x"}, {}, ())
    assert plan.left_out == ("restart, Restart: host is not other",)
    assert runbook({"name": "Both", "parallel": parts}).steps[0].danger == "disruptive"


@pytest.mark.parametrize(
    ("step", "more", "told"),
    [
        (EACH | {"for_each": "nobody"}, {}, "No server is in the group nobody"),
        (EACH, {"blast_radius": 2}, "would touch 3 servers, and restart may touch 2"),
        (EACH, {"blast_radius": 3}, ""),
    ],
)
def test_how_many_servers_a_run_may_touch(step: Any, more: Any, told: str):
    """No more than its author says."""
    made = runbook(step, **more)
    if not told:
        plan = render(made, {"host": "x"}, {}, (), WORKERS)
        assert "Touches 3 servers, of at most 3: w1, w2, w3" in plan.text
        return
    with pytest.raises(Refused, match=told):
        render(made, {"host": "x"}, {}, (), WORKERS)


def test_a_called_runbook_keeps_its_own_radius():
    """Whoever calls it cannot widen it; a run has an end."""
    below = runbook(EACH, id="below", blast_radius=2)
    call = {"name": "All", "call": "below", "given": {"host": "x"}}
    with pytest.raises(Invalid, match="below may touch 2"):
        render(runbook(call), {"host": "x"}, {"below": below}, (), WORKERS)
    with pytest.raises(Invalid, match="at most 200 steps"):
        calls = [call | {"name": str(n)} for n in range(68)]
        below = runbook(EACH, id="below")
        render(runbook(*calls), {"host": "x"}, {"below": below}, (), WORKERS)


def test_the_server_at_hand_is_no_parameter():
    """Where it has the same name, the author is told."""
    made = runbook(EACH, parameters=[{"name": "host"}, {"name": "server"}])
    assert [".".join(map(str, one.place)) for one in faults(made)] == ["steps.0.for_each"]


@pytest.mark.parametrize(
    "step",
    [
        {"name": "nothing"},
        {"name": "two", "manual": "a", "message": "b"},
        {"name": "user", "http": {"url": "https://me:secret@x.example/"}},
        {"name": "file", "http": {"url": "file:///etc/passwd"}},
        {"name": "given", "manual": "a", "given": {"x": "y"}},
        {"name": "undo", "call": "other", "undo": {"manual": "a"}},
        {"name": "verify", "manual": "a", "verify": {"manual": "b"}},
        {"name": "room", "manual": "a", "room": "b"},
        {"name": "long", "manual": "a", "timeout": "30d"},
        {"name": "both", "command": ["a"], "for_each": "workers", "server": "a"},
        {"name": "no group", "command": ["a"], "batch": 2},
        {"name": "no group", "command": ["a"], "gate": GET},
        {"name": "calls", "call": "other", "for_each": "workers", "batch": 2},
        {"name": "gate", "command": ["a"], "for_each": "workers", "gate": {"manual": "a"}},
        {
            "name": "gate",
            "command": ["a"],
            "for_each": "workers",
            "gate": {"http": {"method": "POST", "url": "https://a.example/"}},
        },
        {"name": "own", "parallel": [RESTART, RESTART], "safety": "read"},
        {"name": "deep", "parallel": [RESTART, {"name": "x", "call": "other"}]},
        {"name": "alone", "parallel": [RESTART]},
        {"name": "sql", "sql": {"connection": "main"}},
        {"name": "sql", "sql": {"connection": "main", "read": "SELECT :a"}},
        {"name": "sql", "sql": {"connection": "main", "read": "SELECT 1", "values": {"a": "b"}}},
        {
            "name": "sql",
            "command": ["a"],
            "for_each": "workers",
            "gate": {"sql": {"connection": "main", "write": "DELETE FROM a"}},
        },
    ],
)
def test_a_step_that_is_none(step: dict[str, Any]):
    """Its shape alone says so."""
    with pytest.raises(ValueError, match="validation error"):
        runbook(step)


def test_the_likeliest_runbook_first():
    """What is rare counts for more than what is common, a title for more than the text."""
    pages = [
        Page(id="trino", title="Trino coordinator 5xx", text="queries fail, restart it"),
        Page(id="minio", title="MinIO disk full", text="the disk of the bucket fails"),
        Page(id="kafka", title="KafkaBrokerDown", text="restart the broker, look at its disk"),
    ]
    assert ranked("queries failing at the coordinator", pages)[0] == "trino"
    assert ranked("a broker's disk", pages) == ["kafka", "minio"]
    assert ranked("the", pages) == []


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("the file system is filling up", "FilesystemFillingUp"),
        ("DiskPressure on {{ $labels.instance }} since {{ $value }}", "DiskPressure"),
        ("its configuration was not reloaded", "BadConfig"),
        ("shards are running out of memory; shard memory is gone", "ShardMemory"),
        ("pods are stopping", "PodStopped"),
    ],
)
def test_words_are_found_however_they_are_written(words: str, first: str):
    """Apart or joined, shortened, with another ending; the holes of a template say nothing."""
    names = ("FilesystemFillingUp", "DiskPressure", "BadConfig", "ShardMemory", "PodStopped")
    pages = [Page(id=f"store/{one}.md", title=one, text="Look at the instance.") for one in names]
    assert ranked(words, pages)[0] == f"store/{first}.md"


def test_copies_come_after_everything_else():
    """Two pages of one title take one place among the first."""
    pages = [
        Page(id="a/queue", title="Queue long", text="the queue is long"),
        Page(id="b/queue", title="QueueLong", text="the queue is long"),
        Page(id="other", title="Workers", text="a long text about the queue and more of it"),
    ]
    assert ranked("the queue is long", pages) == ["a/queue", "other", "b/queue"]
    assert ranked("anything", [Page(id="x", title="", text=""), *pages]) == []
    assert ranked("anything", []) == []


@pytest.mark.parametrize("value", ["a", "a b", 'a" b="c', "a\\", "", 'x=y "'])
def test_values_are_read_as_they_were_written(value: str):
    """Whatever stands in them."""
    assert parse_values(written_values({"one": value, "two": "2"})) == {"one": value, "two": "2"}
