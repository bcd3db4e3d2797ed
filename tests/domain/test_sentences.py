"""A section's words keep their order, and each claim its evidence."""

from domain.postmortem import Claim
from domain.sentences import Sentence, sentences

PAGED = Claim(sentence="Bob was paged.", cites=("f1",))
AGAIN = Claim(sentence="Bob was paged. Twice.", cites=("f2", "f3"))


def cut(text: str, *claims: Claim) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.text, one.cites) for one in sentences(text, claims)]


def test_what_is_claimed_keeps_its_evidence():
    """Between other words too, and as often as it stands there."""
    text = "At night. Bob was paged. It rained. Bob was paged."
    assert cut(text, PAGED) == [
        ("At night.", ()),
        ("Bob was paged.", ("f1",)),
        ("It rained.", ()),
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


def test_a_gap_is_a_question_with_what_follows_it():
    """``Which one? Look at …`` is one gap; what stands before it is told."""
    assert list(
        sentences("It rained. Bob was paged. Why him? Look at the schedule.", (PAGED,))
    ) == [
        Sentence(text="It rained."),
        Sentence(text="Bob was paged.", cites=("f1",)),
        Sentence(text="Why him? Look at the schedule.", question=True),
    ]
    assert list(sentences("Told. Why?", ())) == [
        Sentence(text="Told."),
        Sentence(text="Why?", question=True),
    ]


def test_a_claim_that_asks_is_no_gap():
    """It has its evidence."""
    asked = Claim(sentence="Bob asked: who has it?", cites=("f4",))
    (one,) = sentences(asked.sentence, (asked,))
    assert (one.cites, one.question) == (("f4",), False)
