"""The library that draws Adaptive Cards, once per test process."""

from collections.abc import Iterator

import pytest

from tests.fakes.cards import CardLibrary, card_library
from tests.fakes.peers import PeerMissing


@pytest.fixture(scope="session")
def library() -> Iterator[CardLibrary]:
    """The format's own library, in Node."""
    try:
        with card_library() as made:
            yield made
    except PeerMissing as missing:
        pytest.skip(f"no Adaptive Cards library: {missing}")
