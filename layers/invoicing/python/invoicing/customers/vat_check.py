"""The check of a VAT id in VIES, the register of the European Commission: its result, and when it is tried again."""

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, Self

from invoicing.core.identifiers import EU
from invoicing.core.model import Instant, Value

_FIRST_WAIT: Final = timedelta(hours=1)
_LONGEST_WAIT: Final = timedelta(days=1)
_SEPARATORS: Final = str.maketrans("", "", " .-/")


class Answer(NamedTuple):
    """The answer of VIES. Some member states disclose neither name nor address."""

    valid: bool
    name: str | None = None
    address: str | None = None
    consultation_number: str | None = None


class VatCheck(Value):
    """The check of a customer's VAT id in VIES, where the stage checks VAT ids."""

    vat_id: str
    """VAT id that was checked, with the prefix that VIES uses: `EL` for Greece, `XI` for Northern Ireland."""
    status: Literal["pending", "valid", "invalid"]
    """Result of the check: `valid` or `invalid` by VIES; `pending` while VIES or the member state does not answer."""
    checked_at: Instant | None = None
    """When VIES answered; null while the check is pending."""
    name: str | None = None
    """Name that is registered for the VAT id; null where the member state does not disclose it."""
    address: str | None = None
    """Address that is registered for the VAT id; null where the member state does not disclose it."""
    consultation_number: str | None = None
    """Number by which the check can be proven; null without a VAT id of the tenant in the Union."""
    attempts: int = 0
    """Number of attempts without an answer."""
    retry_at: Instant | None = None
    """When a pending check is tried again; null if VIES answered."""

    @classmethod
    def answered(cls, vat_id: str, answer: Answer, at: datetime) -> Self:
        """A check with its result."""
        return cls(
            vat_id=vat_id,
            status="valid" if answer.valid else "invalid",
            checked_at=at,
            name=answer.name,
            address=answer.address,
            consultation_number=answer.consultation_number,
        )

    @classmethod
    def unanswered(cls, vat_id: str, before: "VatCheck | None", at: datetime) -> Self:
        """A check without a result. The wait doubles with each attempt, up to a day."""
        attempts = before.attempts + 1 if before is not None and before.vat_id == vat_id else 1
        wait = min(_FIRST_WAIT * 2 ** min(attempts - 1, 10), _LONGEST_WAIT)
        return cls(vat_id=vat_id, status="pending", attempts=attempts, retry_at=at + wait)

    @property
    def is_pending(self) -> bool:
        """Whether it has no result yet."""
        return self.status == "pending"


def vies_id(tax_id: str | None) -> str | None:
    """A VAT id as VIES knows it; None for ids that VIES does not have."""
    compact = (tax_id or "").translate(_SEPARATORS).upper()
    prefix, number = compact[:2], compact[2:]
    prefix = "EL" if prefix == "GR" else prefix
    return prefix + number if prefix in EU and number else None
