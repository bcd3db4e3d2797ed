"""The one base of every value that crosses a boundary."""

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """A value: immutable, compared by content, refusing fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")
