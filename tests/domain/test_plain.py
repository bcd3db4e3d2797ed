"""The plain twin says everything, and nothing in it passes for something else."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.message import (
    Actions,
    Button,
    Code,
    Context,
    Divider,
    FieldPair,
    Fields,
    Form,
    Header,
    Image,
    Input,
    Message,
    Node,
    Option,
    Progress,
    ProgressStep,
    Select,
    Table,
    Text,
    bold,
    code,
    link,
    mention,
    moment,
    spans,
)
from domain.plain import LONGEST, one_line, plain, visible, web_address

AT = datetime(2026, 11, 21, 2, 6, tzinfo=UTC)
ACK = Button(id="v1:incident.ack:INC-42", label="Ack", style="primary")
NOT_OURS = Button(id="v1:page.not-ours:INC-42", label="Not ours…")
PAGE = Message(
    nodes=(
        Header(text="SEV2 trino prod: 38 % of queries fail · INC-42", tone="danger"),
        Text(
            spans=spans(mention("carol", "Carol"), " is paged at ", moment(AT), " unless you ack.")
        ),
        Actions(buttons=(ACK,), more=(NOT_OURS,)),
        Context(spans=spans("changed: ", code("trino v248"), " · ", link("why", "/alerts/ALR-7"))),
    )
)


def told(*nodes: Node) -> str:
    return plain(Message(nodes=nodes))


def test_page_reads_as_it_is_shown():
    """Header first, then the text, the buttons where they stand, and the small print."""
    assert plain(PAGE).splitlines() == [
        "SEV2 trino prod: 38 % of queries fail · INC-42",
        "Carol is paged at 2026-11-21 02:06 UTC unless you ack.",
        "[Ack] [Not ours…]",
        "changed: trino v248 · why (/alerts/ALR-7)",
    ]


@pytest.mark.parametrize(
    ("node", "expected"),
    [
        (Fields(fields=(FieldPair(label="Lead", value=spans(bold("Bob"))),)), "Lead: Bob"),
        (Image(url="/x.png", alt="Errors fall"), "Picture: Errors fall (/x.png)"),
        (Image(url="javascript:alert(1)", alt="Errors fall"), "Picture: Errors fall"),
        (Code(text="a\nb"), "a\nb"),
        (Table(head=("Server", "Health"), rows=(("t-1", "ok"),)), "Server: t-1 · Health: ok"),
        (
            Progress(percent=50, steps=(ProgressStep(name="drain", state="done"),)),
            "50 %: drain done",
        ),
        (
            Select(id="s", name="n", label="Team", options=(Option(value="w", label="Web"),)),
            "Team: Web",
        ),
    ],
)
def test_every_node_has_words(node, expected):
    """What is drawn elsewhere is said here."""
    assert told(node) == expected


def test_form_lists_what_it_asks():
    """Name and hint, what is needed, what stands in it, what was wrong with it."""
    asked = (
        Input(name="title", label="Title", hint="what is broken", required=True),
        Input(name="severity", label="Severity", value="SEV3"),
        Input(name="until", label="Until", error="type a time like 30m"),
    )
    assert told(Form(id="f", title="Declare", submit="Go", inputs=asked)).splitlines() == [
        "Declare",
        "title: what is broken (needed)",
        "severity: Severity = SEV3",
        "until: Until (wrong: type a time like 30m)",
        "[Go]",
    ]


def test_divider_is_a_blank_line_only_between():
    """A rule at the end leaves nothing behind."""
    assert told(Text(spans=spans("a")), Divider(), Text(spans=spans("b")), Divider()) == "a\n\nb"


def test_header_stays_one_line():
    """A lock screen shows the first line: text from outside cannot end it early."""
    assert told(Header(text="disk full\r\n[Approve]\u2028 now")) == "disk full [Approve] now"


@given(st.lists(st.text(max_size=2000), max_size=60))
def test_twin_is_bounded_and_keeps_what_can_be_pressed(texts):
    """However much was written, the twin is short and its buttons are in it."""
    paragraphs = [Text(spans=spans(text)) for text in texts]
    twin = told(Header(text="first"), *paragraphs, Actions(buttons=(ACK,)))
    assert len(twin) <= LONGEST + 40
    assert twin.startswith("first")
    assert "[Ack]" in twin


def test_what_is_left_out_is_counted():
    """Nobody takes a part for the whole."""
    rows = tuple((str(n),) for n in range(25))
    assert told(Table(head=("n",), rows=rows)).endswith("… 5 more rows")
    assert told(*(Text(spans=spans("x" * 500)) for _ in range(10))).endswith("… 3 more lines")
    assert one_line("x" * 12, 10) == "x" * 10 + "… 2 more characters"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("\x1b[2Jgone", "␛[2Jgone"),
        ("a\x00b", "a␀b"),
        ("a\x9bb", "a⟨U+009B⟩b"),
        ("\u202eevorppa", "⟨U+202E⟩evorppa"),
        ("a\u200bdmin", "admin"),
        ("a\u200ddmin", "admin"),
        ("\ufeffx\u00ad", "x"),
        ("hidden\U000e0041", "hidden"),
        ("\ud800", "�"),
        ("Z" + "\u0301" * 40, "Z" + "\u0301" * 3),
        ("a\r\nb\u2029c\x0bd", "a\nb\nc\nd"),
        ("👩\u200d🚒", "👩\u200d🚒"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("tab\tand é stay", "tab\tand é stay"),
    ],
)
def test_visible(written, shown):
    """What deceives is shown or dropped; what a script or an emoji needs stays."""
    assert visible(written) == shown


@given(st.text())
def test_visible_text_stays_as_it_is(text):
    """Making visible twice is making visible once."""
    assert visible(visible(text)) == visible(text)


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://grafana.example.com/d/1?x=1#y", True),
        ("http://127.0.0.1:8000/incidents/INC-1", True),
        ("HTTPS://EXAMPLE.COM", True),
        ("/incidents/INC-1#alerts", True),
        ("#fact-1", True),
        ("//evil.example", False),
        ("/\\evil.example", False),
        ("https://bank.example@evil.example/", False),
        ("javascript:alert(1)", False),
        ("java\nscript:alert(1)", False),
        (" https://example.com", False),
        ("data:text/html,x", False),
        ("https://example.com/\u202egpj", False),
        ("https:///x", False),
        ("", False),
    ],
)
def test_web_address(url, allowed):
    """A link leads to the web or stays here, and shows where."""
    assert web_address(url) == (url if allowed else None)
