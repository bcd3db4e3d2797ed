"""How to see from outside whether a service is well."""

from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from domain.base import Frozen
from domain.pipeline import PROD
from domain.run import StepOrder, StepOutcome
from domain.runbook import ADDRESS, Action, HttpRequest
from domain.when import parse_duration

LONGEST = timedelta(seconds=30)


def _address(value: str) -> str:
    if not ADDRESS.match(value):
        raise ValueError("write an address like https://host:8443/path, without a user or blanks")
    return value


def _span(value: object) -> object:
    return (parse_duration(value) if isinstance(value, str) else None) or value


class Probe(Frozen):
    """An address that answers while the service is well: with one of ``expect`` (any 2xx where
    none is named), with ``text`` somewhere in what it says, in time."""

    url: Annotated[str, Field(max_length=500), AfterValidator(_address)]
    environment: Annotated[str, Field(min_length=1, max_length=50)] = PROD
    expect: tuple[Annotated[int, Field(ge=100, le=599)], ...] = ()
    text: Annotated[str, Field(max_length=200)] = ""
    timeout: Annotated[
        timedelta, BeforeValidator(_span), Field(ge=timedelta(seconds=1), le=LONGEST)
    ] = timedelta(seconds=5)

    def order(self, key: str) -> StepOrder:
        """What an adapter is asked for."""
        asked = HttpRequest(url=self.url, expect=self.expect)
        return StepOrder(key=key, action=Action(http=asked), timeout=self.timeout)

    def wrong(self, outcome: StepOutcome) -> str:
        """What is not as it should be; empty where all is well."""
        if not outcome.ok:
            return f"{self.url}: {outcome.detail or 'no answer'}"
        if self.text and self.text not in outcome.output:
            return f"{self.url}: {outcome.detail or 'it answered'}, without {self.text!r}"
        return ""
