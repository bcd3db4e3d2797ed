"""A section's words keep their order, and each claim its evidence."""

from domain.postmortem import Claim
from web.pages.sentences import Sentence, sentences

PAGED = Claim(sentence="Bob was paged.", cites=("f1",))
AGAIN = Claim(sentence="Bob was paged. Twice.", cites=("f2", "f3"))


def cut(text: str, *claims: Claim) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.text, one.cites) for one in sentences(text, claims)]


def test_what_is_claimed_keeps_its_evidence():
    """Between other words too, and as often as it stands there."""
    text = "At night. Bob was paged. Why him? Bob was paged."
    assert cut(text, PAGED) == [
        ("At night.", ()),
        ("Bob was paged.", ("f1",)),
        ("Why him?", ()),
        ("Bob was paged.", ("f1",)),
    ]


def test_the_longest_claim_wins():
    """A claim may begin with the words of another."""
    assert cut("Bob was paged. Twice.", PAGED, AGAIN) == [("Bob was paged. Twice.", ("f2", "f3"))]


def test_words_that_were_changed_lose_it():
    """Evidence bears out a sentence as it was written."""
    assert cut("Bob was paged late.", PAGED) == [("Bob was paged late.", ())]


def test_an_empty_claim_is_no_sentence():
    """Nothing stands everywhere."""
    assert cut("Words.", Claim(sentence="", cites=("f1",))) == [("Words.", ())]
    assert cut("", PAGED) == []


def test_a_gap_is_a_question_without_evidence():
    """A question that cites something is a sentence of its own."""
    assert Sentence(text="What did users see?").question
    assert not Sentence(text="What did users see?", cites=("f1",)).question
    assert not Sentence(text="Users saw errors.").question
