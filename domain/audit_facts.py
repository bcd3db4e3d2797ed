"""What happens to the audit trail itself."""

from typing import ClassVar

from domain.facts import Fact


class AuditCut(Fact):
    """Rows past their time were dropped; the rest of the chain hangs on the link ``mac``.

    ``upto`` is the greatest id among the rows that went.
    """

    kind: ClassVar[str] = "audit_cut"
    template: ClassVar[str] = "The audit trail was forgotten up to row {position}, by its age"
    position: int
    mac: str
    upto: str
