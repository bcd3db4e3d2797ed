"""The views that every platform is tried with hold together themselves."""

import pytest

from domain.plain import plain
from integrations.chat.console.limits import fit
from integrations.chat.console.render import html
from tests.fakes.views import TRICKS, forms, views


@pytest.mark.parametrize("said", TRICKS, ids=range(len(TRICKS)))
def test_every_view_has_words_and_can_be_shown(said):
    """On the console, whatever stands in it."""
    for name, message in (*views(said), *forms()):
        assert plain(message), name
        assert html(fit(message).message, "m1"), name
