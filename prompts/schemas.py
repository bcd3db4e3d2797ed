"""Which answer each prompt asks for; the answers themselves are values of the domain."""

from domain.answers import CatchupAnswer, ClassifyAnswer, PostmortemAnswer

SCHEMAS: dict[str, type[ClassifyAnswer] | type[CatchupAnswer] | type[PostmortemAnswer]] = {
    "classify": ClassifyAnswer,
    "catchup": CatchupAnswer,
    "postmortem": PostmortemAnswer,
}

__all__ = ["SCHEMAS", "CatchupAnswer", "ClassifyAnswer", "PostmortemAnswer"]
