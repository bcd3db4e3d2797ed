"""What a call costs, and which models may be asked not to think."""

from domain.base import Frozen

MILLION = 1_000_000


class Model(Frozen):
    """A family of models by the start of its name; prices in US dollars per million tokens.

    ``quiet`` says that the family answers without thinking when asked to, which keeps a
    classification short and inside its ``max_tokens``.
    """

    prefix: str
    input_usd: float
    output_usd: float
    quiet: bool


# Published list prices of November 2026, for prompts of up to 100,000 tokens.
MODELS = (
    Model(prefix="claude-haiku-5-5", input_usd=0.10, output_usd=0.50, quiet=True),
    Model(prefix="claude-haiku", input_usd=1, output_usd=5, quiet=True),
    Model(prefix="claude-sonnet-5", input_usd=2, output_usd=10, quiet=True),
    Model(prefix="claude-sonnet", input_usd=3, output_usd=15, quiet=True),
    Model(prefix="claude-opus-5-5", input_usd=4, output_usd=20, quiet=False),
    Model(prefix="claude-opus", input_usd=5, output_usd=25, quiet=False),
    Model(prefix="claude-fable", input_usd=10, output_usd=50, quiet=False),
)
UNKNOWN = Model(prefix="", input_usd=10, output_usd=50, quiet=False)
"""A model that is not listed counts as the dearest one: a budget errs on the safe side."""


def model_of(name: str) -> Model:
    """The family of ``name``: the first whose prefix fits, or `UNKNOWN`."""
    return next((model for model in MODELS if name.startswith(model.prefix)), UNKNOWN)


def cost_usd(name: str, input_tokens: int, output_tokens: int) -> float:
    """US dollars for a call at list price, without discounts for caching or batches."""
    model = model_of(name)
    return (input_tokens * model.input_usd + output_tokens * model.output_usd) / MILLION
