"""Console HTML: every node drawn, everything from outside inert; and the contract's JSON."""

import json
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Literal

import pytest

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
    Span,
    Table,
    Text,
    bold,
    code,
    link,
    mention,
    moment,
    spans,
)
from domain.plain import plain
from integrations.chat.console.render import ConsoleMessage, html, payload

AT = datetime(2026, 11, 21, 2, 6, tzinfo=UTC)
HOSTILE = Path(__file__).parents[5] / "shared/data/hostile/hostile_strings.jsonl"
WORST = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</textarea><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "{{7*7}}${7*7}",
    "<!--",
    "]]>",
    "&#60;b&#62;",
    "\u202e\u0000\u2028",
]


class Elements(HTMLParser):
    """Every element with its attributes' names, every address, and all text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.shape: list[tuple[str, ...]] = []
        self.addresses: list[str] = []
        self.words = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.shape.append((tag, *(name for name, _ in attrs)))
        self.addresses += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data):
        self.words += data

    def handle_comment(self, data):
        self.shape.append(("comment",))

    def handle_decl(self, decl):
        self.shape.append(("declaration",))


def everything(text: str) -> Message:
    """A message with ``text`` in every place that takes text."""
    button = Button(id=text[:100], label=text[:75], confirm=text)
    option = Option(value=text, label=text)
    kinds: tuple[Literal["text", "multiline"], ...] = ("text", "multiline")
    inputs = [
        Input(name=text, label=text, kind=kind, value=text, hint=text, error=text) for kind in kinds
    ]
    line = (
        *spans(bold(text or "-"), code(text or "-")),
        Span(text=text, kind="mention", person=text),
        Span(text=text, kind="time", at=AT),
        Span(text=text, kind="link", url="/x"),
    )
    nodes: tuple[Node, ...] = (
        Header(text=text),
        Text(spans=line),
        Context(spans=line),
        Fields(fields=(FieldPair(label=text, value=line),)),
        Divider(),
        Image(url="/x", alt=text),
        Actions(buttons=(button,), more=(button,)),
        Select(id=text[:100], name=text, label=text, options=(option,)),
        Form(id=text[:100], title=text, submit=text, inputs=tuple(inputs)),
        Form(
            id="flag",
            title=text,
            submit=text,
            inputs=(
                Input(name=text, label=text, kind="flag", required=True),
                Input(name="pick", label=text, options=(option, Option(value="b", label="b"))),
            ),
        ),
        Progress(percent=3, steps=(ProgressStep(name=text, state="running"),)),
        Table(head=(text,), rows=((text,),)),
        Code(text=text),
    )
    return Message(nodes=nodes)


def contexts(text: str) -> Message:
    """``text`` in each kind of place: between tags, in an attribute, in a text area, an option."""
    area = Input(name="n", label="l", kind="multiline", value=text)
    option = Option(value=text, label="l")
    return Message(
        nodes=(
            Header(text=text),
            Select(id="s", name="n", label="l", options=(option,)),
            Form(id="f", title="t", submit="s", inputs=(area,)),
        )
    )


def shape(text: str) -> list[tuple[str, ...]]:
    return Elements(html(everything(text), text, csrf=text)).shape


def hostile() -> list[str]:
    if not HOSTILE.exists():
        pytest.skip(f"no {HOSTILE.name}")
    return [json.loads(line)["s"] for line in HOSTILE.read_text().splitlines()]


@pytest.mark.parametrize("text", WORST)
def test_text_never_becomes_an_element(text):
    """The elements and attributes are the same whatever the words are."""
    assert shape(text) == shape("harmless")


def test_hostile_corpus_is_inert():
    """No string that others attack with adds an element, an attribute or a comment."""
    harmless = Elements(html(contexts("harmless"), "m1")).shape
    found = [one for one in hostile() if Elements(html(contexts(one), "m1")).shape != harmless]
    assert found == []


def test_hostile_corpus_gives_no_address_that_runs():
    """Whatever is put where an address belongs, a link leads to the web or stays here."""
    for text in hostile():
        nodes = (Text(spans=(Span(text="x", kind="link", url=text),)), Image(url=text, alt="x"))
        page = html(Message(nodes=nodes), "m1")
        for address in Elements(page).addresses:
            assert address.lower().startswith(("http://", "https://", "/", "#")), text
            assert not address.startswith("//"), text


def test_card_reads_like_its_twin():
    """The words of the HTML are the words of the text."""
    message = Message(
        nodes=(
            Header(text="SEV2 Trino fails", tone="danger"),
            Fields(fields=(FieldPair(label="Lead", value=spans(mention("bob", "Bob"))),)),
            Code(text="exit 1"),
        )
    )
    words = Elements(html(message, "m1")).words
    assert words == "SEV2 Trino failsLeadBobexit 1"
    assert all(word in words for word in ("SEV2", "Lead", "Bob", "exit 1"))


@pytest.mark.parametrize("text", ["SEV1 not SEV2", "🔴 SEV1 not SEV2"])
def test_severity_at_the_head_is_marked(text):
    """A severity is a word with a colour; further on it is only a word."""
    page = html(Message(nodes=(Header(text=text, tone="danger"),)), "m1")
    assert page == (
        '<h3 class="head" data-tone="danger">'
        '<span class="sev" data-sev="1">SEV1</span> not SEV2</h3>'
    )


def test_button_is_a_button_that_says_its_call():
    """Script finds the id at the button; without script the form posts it."""
    page = html(
        Message(nodes=(Actions(buttons=(Button(id="v1:incident.ack:INC-1", label="Ack"),)),)),
        "m1",
        csrf="token",
    )
    assert 'data-button="v1:incident.ack:INC-1"' in page
    assert '<form class="actions" method="post" action="/ui/command">' in page
    assert '<input type="hidden" name="message" value="m1">' in page
    assert '<input type="hidden" name="csrf" value="token">' in page


def test_values_come_back_exactly():
    """What is shown may be made visible; what is sent back may not be changed."""
    odd = "a\u200bb"
    page = html(
        Message(
            nodes=(Select(id="s", name="n", label=odd, options=(Option(value=odd, label=odd),)),)
        ),
        "m1",
    )
    assert f'value="{odd}"' in page
    assert ">ab</option>" in page


def test_instants_are_time_elements():
    """The page can show them in the reader's zone."""
    page = html(Message(nodes=(Text(spans=spans(moment(AT))),)), "m1")
    assert '<time datetime="2026-11-21T02:06:00+00:00">2026-11-21 02:06 UTC</time>' in page


@pytest.mark.parametrize(
    ("url", "drawn"),
    [
        ("/chart.png", '<img src="/chart.png" alt="Errors fall" loading="lazy">'),
        ("https://x.example/c.png", '<a href="https://x.example/c.png" rel="noreferrer">'),
        ("data:image/png;base64,x", "<p>Errors fall</p>"),
    ],
)
def test_pictures_load_only_from_here(url, drawn):
    """A picture elsewhere is a link: showing it would tell that somebody reads."""
    assert drawn in html(Message(nodes=(Image(url=url, alt="Errors fall"),)), "m1")


def test_node_without_html_is_an_error():
    """A new kind of node is drawn or refused, never left out."""
    nodes = (Option(value="a", label="b"),)
    odd = Message.model_construct(nodes=nodes)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="Option"):
        html(odd, "m1")


def test_payload_has_the_contract_shape():
    """Twin, nodes and buttons beside the HTML; what is not set is not there."""
    message = Message(
        nodes=(
            Header(text="SEV2 trino · INC-42"),
            Actions(buttons=(Button(id="v1:incident.ack:INC-42", label="Ack", style="primary"),)),
            Text(spans=spans("See ", link("why", "/alerts/ALR-1"))),
        ),
        urgency="page",
    )
    shown = payload(
        ConsoleMessage(id="m1", room="dm-bob", author="tocsin", at=AT, change="c1", message=message)
    )
    assert json.loads(json.dumps(shown)) == {
        "id": "m1",
        "room": "dm-bob",
        "author": "tocsin",
        "author_name": "",
        "at": "2026-11-21T02:06:00Z",
        "change": "c1",
        "text": plain(message),
        "nodes": message.model_dump(mode="json")["nodes"],
        "buttons": [{"id": "v1:incident.ack:INC-42", "label": "Ack", "style": "primary"}],
        "urgency": "page",
        "html": html(message, "m1"),
    }


def test_payload_says_whom_it_is_for():
    """A private answer, an edit and a reply in a thread are marked as such."""
    shown = payload(
        ConsoleMessage(
            id="m2",
            room="incidents",
            author="tocsin",
            at=AT,
            edited_at=AT,
            thread="m1",
            private_to="bob",
            message=Message(nodes=(Divider(),)),
        )
    )
    assert (shown["private_to"], shown["thread"]) == ("bob", "m1")
    assert shown["edited_at"] == "2026-11-21T02:06:00Z"
