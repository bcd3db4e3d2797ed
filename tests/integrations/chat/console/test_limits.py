"""Messages over the console's limits: refused in tests, shortened for people."""

import pytest

from domain.message import (
    Actions,
    Button,
    Code,
    Divider,
    Header,
    Message,
    Node,
    Table,
    Text,
    sentence,
    spans,
)
from integrations.chat.console.limits import (
    LONGEST_TEXT,
    MOST_NODES,
    LimitBroken,
    fit,
    fit_strictly,
)

BUTTONS = tuple(Button(id=f"v1:x:{n}", label=str(n)) for n in range(30))


@pytest.mark.parametrize(
    "node",
    [
        Header(text="x" * 400),
        Text(spans=spans("x" * 9_000)),
        Text(spans=spans("x" * 7_000, "y" * 7_000, "z")),
        Code(text="x" * 20_000),
        Table(head=("a",), rows=(("1", "too wide"),)),
        Table(head=("a",), rows=(("1",),) * 500),
        Actions(buttons=BUTTONS[:1], more=BUTTONS),
    ],
)
def test_too_much_is_shortened_and_named(node: Node):
    """Production shows the beginning and can count what was cut; tests stop."""
    message = Message(nodes=(Header(text="first"), node))
    fitted = fit(message)
    assert fitted.broken == (node.kind,)
    assert fitted.message.nodes[0] == message.nodes[0]
    assert fit(fitted.message).message.nodes[1].kind == node.kind
    with pytest.raises(LimitBroken, match=node.kind):
        fit_strictly(message)


def test_too_many_nodes_are_cut():
    """A card is not a log."""
    fitted = fit(Message(nodes=(Divider(),) * 80))
    assert (len(fitted.message.nodes), fitted.broken) == (MOST_NODES, ("nodes",))


def test_what_is_cut_off_is_counted():
    """The reader sees that there was more."""
    cut = fit(sentence("x" * (LONGEST_TEXT + 12))).message.nodes[0]
    assert isinstance(cut, Text)
    assert cut.spans[0].text.endswith("… 12 more characters")


def test_ordinary_messages_pass_unchanged():
    """Within the limits both ways are the same."""
    message = sentence("Disk full")
    assert fit_strictly(message) == fit(message)
    assert fit(message).message == message
