"""A typed line becomes a command, or a question back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.args import slots_of
from domain.command import Registry
from domain.grammar import Parsed, Question, canonical, parse
from domain.spellings import Defaults
from tests.fakes.sample_commands import SAMPLE, Topic, made

ROOM = Defaults(incident="INC-42")


def call(line: str, defaults: Defaults | None = None) -> tuple[str, dict[str, str]]:
    """The call that ``line`` is."""
    found = parse(line, SAMPLE, defaults or Defaults())
    assert isinstance(found, Parsed), found
    return found.command, found.args


def question(line: str, defaults: Defaults | None = None) -> Question:
    """The question that ``line`` leads to."""
    found = parse(line, SAMPLE, defaults or Defaults())
    assert isinstance(found, Question), found
    return found


@pytest.mark.parametrize(
    ("line", "command", "args"),
    [
        # roots, their aliases, with or without a slash
        ("/incident declare db slow", "incident declare", {"title": "db slow"}),
        ("incident declare db slow", "incident declare", {"title": "db slow"}),
        ("  /INC Declare DB slow ", "incident declare", {"title": "DB slow"}),
        ("/tocsin incident ack 42", "incident ack", {"incident": "42"}),
        ("/tocsin /inc ack 42", "incident ack", {"incident": "42"}),
        # synonyms and letters
        ('/inc new "db slow" sev:2', "incident declare", {"severity": "2", "title": "db slow"}),
        ("/inc d db slow", "incident declare", {"title": "db slow"}),
        ("/inc close fixed by rollback", "incident resolve", {"text": "fixed by rollback"}),
        ("/page k 42", "page ack", {"incident": "42"}),
        # whole spellings
        ("/declare db slow", "incident declare", {"title": "db slow"}),
        # roots that do something by themselves
        ("/oncall", "oncall who", {}),
        ("/oncall web", "oncall who", {"service": "web"}),
        ("/page", "page send", {}),
        ('/page @bob "why"', "page send", {"target": "@bob", "why": "why"}),
        ("/page jack db down", "page send", {"target": "jack", "why": "db down"}),
        ("/page sena now", "page send", {"target": "sena", "why": "now"}),
        ("/help", "help show", {}),
        ("help incident", "help show", {"topic": "incident"}),
        ("/help how to shwo", "help show", {"topic": "how to shwo"}),
        # status: showing, and telling
        ("/inc status", "incident show", {}),
        ("/inc status INC-7", "incident show", {"incident": "INC-7"}),
        ("/inc status 7", "incident show", {"incident": "7"}),
        ("/inc status monitoring", "incident update", {"status": "monitoring"}),
        ("/inc status all good", "incident update", {"text": "all good"}),
        # habits of other tools
        ("/inc page @team db down", "page send", {"target": "@team", "why": "db down"}),
        # what it is about, before the verb
        ("/inc INC-7", "incident show", {"incident": "INC-7"}),
        ("/inc INC-7 resolve done", "incident resolve", {"incident": "INC-7", "text": "done"}),
        ("/inc lead me", "incident lead", {"person": "me"}),
        ("/inc ic @carol", "incident lead", {"person": "@carol"}),
        ("/inc whoisoncall", "oncall who", {}),
        ("whoisoncall web", "oncall who", {"service": "web"}),
        ("/oncall cover me 1h", "oncall cover", {"person": "me", "start": "1h"}),
        ("/inc cover me 1h", "oncall cover", {"person": "me", "start": "1h"}),
        ("/inc alert list", "alert list", {}),
        ("/inc oncall", "oncall who", {}),
        # a page's replies, and verbs after a mention
        ("ack 42", "page ack", {"incident": "42"}),
        ("Pass", "page pass", {}),
        ("sev 1", "incident severity", {"severity": "1"}),
        ("resolve fixed it", "incident resolve", {"text": "fixed it"}),
        ("declare db slow", "incident declare", {"title": "db slow"}),
        ("ack INC-7", "page ack", {"incident": "INC-7"}),
        # a question mark inside a sentence asks for no help
        ("/inc note why ?", "incident note", {"text": "why ?"}),
    ],
)
def test_line_is_a_call(line, command, args):
    """What people type is this command with these arguments."""
    assert call(line) == (command, args)


@pytest.mark.parametrize(
    ("line", "command"), [("ack", "incident ack"), ("pass 42", "page pass"), ("/inc", "")]
)
def test_room_of_an_incident(line, command):
    """In a room the incident's own verbs come before the page's replies."""
    found = parse(line, SAMPLE, ROOM)
    assert (found.command if isinstance(found, Parsed) else "") == command


@pytest.mark.parametrize(
    ("line", "topic"),
    [
        ("?", ""),
        ("-h", ""),
        ("? incident", "incident"),
        ("/inc ?", "incident"),
        ("/inc help", "incident"),
        ("/inc help close", "incident close"),
        ("/inc close -h", "incident resolve"),
        ("/inc declare --help", "incident declare"),
        ("/page ?", "page"),
    ],
)
def test_help_after_any_prefix(line, topic):
    """A question mark, ``help`` or ``-h`` asks about what stands before it."""
    found = question(line)
    assert (found.kind, found.topic) == ("help", topic)


@pytest.mark.parametrize(
    ("line", "topic"),
    [("", ""), ("/", ""), ("/tocsin", ""), ("/inc", "incident"), ("alert", "alert")],
)
def test_bare_root_is_a_menu(line, topic):
    """A root that does nothing by itself shows what it can do."""
    found = question(line)
    assert (found.kind, found.topic) == ("menu", topic)


@pytest.mark.parametrize(
    ("line", "text", "suggestion"),
    [
        ("/inc reslove fixed it", "Did you mean resolve?", "/incident resolve fixed it"),
        ('/inc nwe "db slow"', "Did you mean declare?", '/incident declare "db slow"'),
        ("/incdient list", "Did you mean /incident?", "/incident list"),
        ("/oncal", "Did you mean /oncall?", "/oncall"),
        ("reslove", "Did you mean resolve?", "/incident resolve"),
        ("/page escalte 42", "Did you mean escalate?", "/page escalate 42"),
        ("/oncall overide @x", "Did you mean override?", "/oncall override @x"),
        ("new laptop", "Did you mean to declare an incident?", "/incident declare laptop"),
        (
            "/inc list limt:5",
            "/incident list has no place for “limt:5”. Did you mean limit:5?",
            "/incident list limit:5",
        ),
    ],
)
def test_typo_asks_and_says_what_to_type(line, text, suggestion):
    """A word like a known one is never guessed: the whole line to type is shown."""
    found = question(line)
    assert (found.kind, found.text, found.suggestions) == ("did_you_mean", text, (suggestion,))


@pytest.mark.parametrize(
    ("line", "offer"),
    [
        ("/inc reslove it", Parsed(command="incident declare", args={"title": "reslove it"})),
        ("/page escalte 42", Parsed(command="page send", args={"target": "escalte", "why": "42"})),
        ("/oncall overide @x", None),  # no call can be made of it
        ("new laptop", Parsed(command="incident declare", args={"title": "laptop"})),
        ("reslove it", None),
    ],
)
def test_typo_still_offers_the_other_reading(line, offer):
    """After the question, the line taken as it stands is offered as a form."""
    assert question(line).offer == offer


@pytest.mark.parametrize(
    ("line", "text", "suggestion"),
    [
        ("/alert foo", "/alert has no “foo”. It has: hide, list, silence.", "/alert help"),
        ("/alert ALR-7", "/alert has no “ALR-7”. It has: hide, list, silence.", "/alert help"),
        (
            "/inc INC-7 web",
            "/incident has no “INC-7”. Did you mean declare?",
            '/incident declare "INC-7 web"',
        ),
        ("/foo", "I know no command “foo”.", "/help"),
        ("pass the salt", "I know no command “pass”.", "/help"),
        ("x 1", "I know no command “x”.", "/help"),
        ("/inc ack please", "/incident ack has no place for “please”.", "/incident ack"),
        (
            "/inc db is slow p1",
            "/incident has no “db”. Did you mean declare?",
            '/incident declare "db is slow" severity:p1',
        ),
        (
            "/inc alert storm on web",
            "/incident has no “alert”. Did you mean declare?",
            '/incident declare "alert storm on web"',
        ),
        (
            "/inc A customer asks",
            "/incident has no “A”. Did you mean declare?",
            '/incident declare "A customer asks"',
        ),
    ],
)
def test_unknown_words_say_what_to_type(line, text, suggestion):
    """Nothing is silent: the answer names the word and a line that works."""
    found = question(line)
    assert (found.kind, found.text, found.suggestions[0]) == ("unknown", text, suggestion)


def test_unknown_words_outside_an_incident_offer_a_declaration():
    """Words after /inc become a prefilled form, not an incident."""
    offer = Parsed(command="incident declare", args={"title": "db is slow"})
    assert question("/inc db is slow").offer == offer


@pytest.mark.parametrize(
    ("line", "suggestion"),
    [("/inc db is slow", '/incident note "db is slow"'), ("/inc sev1", "/incident severity sev1")],
)
def test_unknown_words_in_an_incidents_room_are_about_it(line, suggestion):
    """There they may be a note or a severity; nothing new is offered."""
    found = question(line, ROOM)
    assert (found.suggestions, found.offer) == ((suggestion,), None)


def test_registry_without_the_main_commands():
    """Another set of commands is read by the same rules."""
    tiny = Registry.of((made("tocsin doctor", Topic), made("incident list", Topic)))
    lines = (
        "/tocsin doctor now",
        "/tocsin incident list",
        "/inc db",
        "/inc lead",
        "whoisoncall",
        "ack",
    )
    found = [parse(line, tiny) for line in lines]
    assert found[0] == Parsed(command="tocsin doctor", args={"topic": "now"})
    assert found[1] == Parsed(command="incident list", args={})
    assert [one.kind for one in found[2:] if isinstance(one, Question)] == ["unknown"] * 4


def test_line_without_end_is_refused():
    """Reading takes no longer than a person's line can need."""
    assert question("/inc note " + "42 " * 10_000).text.startswith("Type at most 20000")


def test_help_without_a_help_command():
    """The word itself asks for help then."""
    assert parse("help me", Registry.of(())) == Question(kind="help", text="Help: me", topic="me")


def test_installations_own_names():
    """A root renamed by the installation leads to the same commands."""
    assert call("/acme-inc ack 42", Defaults(aliases={"acme-inc": "incident"})) == (
        "incident ack",
        {"incident": "42"},
    )


WORDS = st.text(max_size=12) | st.sampled_from(
    ["help", "?", "INC-7", "sev:2", "p1", "@bob", "private", "--sev", "18:00-22:00", '"a b"', "42"]
)
CALLS = st.sampled_from(list(SAMPLE.commands.values())).flatmap(
    lambda one: st.tuples(
        st.just(one),
        st.fixed_dictionaries({}, optional={slot.name: WORDS for slot in slots_of(one.args)}),
    )
)


@given(CALLS, st.sampled_from([Defaults(), ROOM]))
def test_canonical_line_is_read_back(made_call, defaults):
    """What is rendered as a line means the same call, wherever it is typed."""
    command, args = made_call
    found = parse(canonical(command, args), SAMPLE, defaults)
    assert found == Parsed(command=command.name, args=args)


@pytest.mark.parametrize(
    ("name", "args", "line"),
    [
        (
            "incident declare",
            {"severity": "2", "title": "db slow", "private": "true"},
            '/incident declare "db slow" severity:2 --private',
        ),
        ("incident ack", {"incident": "INC-7"}, "/incident ack INC-7"),
        ("incident ack", {}, "/incident ack"),
        ("incident note", {"text": "help"}, '/incident note "help"'),
        ("incident list", {"limit": "x"}, '/incident list limit:"x"'),
    ],
)
def test_canonical_line_is_short(name, args, line):
    """Names and quotation marks appear only where they are needed."""
    assert line == canonical(SAMPLE.commands[name], args)


ROOTS = st.sampled_from(["", "/inc ", "/page ", "/incident declare ", "/oncall override ", "help "])


@given(ROOTS, st.lists(WORDS, max_size=6).map(" ".join), st.sampled_from([Defaults(), ROOM]))
def test_no_line_raises(root, words, defaults):
    """Whatever is typed is a call or a question that says something."""
    found = parse(root + words, SAMPLE, defaults)
    assert isinstance(found, Parsed) or found.text


@pytest.mark.parametrize("command", SAMPLE.commands.values(), ids=lambda one: one.name)
def test_every_spelling_reaches_its_command(command):
    """The canonical name, each synonym and each further spelling lead to the command."""
    reached = {question(f"/{spelling} ?").topic for spelling in command.spellings}
    assert reached == {command.name}


PREFIXED = Defaults(prefix="acme-", roots=("tocsin", "ops"))


@pytest.mark.parametrize(
    "line",
    [
        "/acme-incident declare it fails",
        "/acme-inc new it fails",
        "/acme-tocsin incident declare it fails",
        "/ops incident declare it fails",
        "/acme-ops inc new it fails",
        "/tocsin incident declare it fails",
        "/incident declare it fails",
    ],
)
def test_every_way_to_begin_is_understood(line: str) -> None:
    """Whatever a chat was told of: prefixes and the one root only add ways."""
    found = parse(line, SAMPLE, PREFIXED)
    assert found == Parsed(command="incident declare", args={"title": "it fails"})


@pytest.mark.parametrize("line", ["acme-corp is down", "acme- incident", "acme-"])
def test_a_prefix_is_one_before_a_root_only(line: str) -> None:
    """A company's name at the beginning of a sentence stays in it."""
    found = parse(line, SAMPLE, PREFIXED)
    assert isinstance(found, Question)
    assert "acme-" in found.text
