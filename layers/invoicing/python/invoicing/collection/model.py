"""Payment methods of customers: accounts that the tenant may debit, each with its mandate."""

from datetime import date, timedelta
from typing import Annotated, Any, Final, Literal, Self

from invoicing.bank.model import masked
from invoicing.collection.batching import MandateUse, SepaScheme
from invoicing.collection.errors import PaymentMethodEnded
from invoicing.collection.requests import NewPaymentMethod, UpdatePaymentMethod
from invoicing.core.errors import Invalid
from invoicing.core.identity import ERASED, Moment, Reference
from invoicing.core.ids import CustomerId, PaymentMethodId
from invoicing.core.model import Aggregate, Day, Instant, Internal, Value, days_after, values_of

PaymentMethodStatus = Literal["pending", "active", "blocked", "revoked", "used", "expired"]
"""Status of a payment method: `pending` until the mandate is signed, `active`, `blocked`, `revoked`, `used` after the
debit of a one-off mandate, or `expired` after 36 months without a debit. New values will be added."""
KEPT: Final = timedelta(days=426)
"""How long a mandate is kept after its last debit: payers can claim a debit without a mandate for 13 months."""

UNUSED_YEARS: Final = 3
"""How long a mandate can be unused before it expires: 36 months, by the rulebooks of SEPA direct debits."""


class AmendedMandate(Value):
    """The changes of a mandate since its last debit, which the next one states."""

    original_iban: str | None = None
    """Account that was debited before. Its middle is replaced by `…`, except for the scope `collection:write`."""
    original_reference: str | None = None
    """Reference that the mandate had before."""
    original_creditor_id: str | None = None
    """Creditor identifier that the mandate had before."""


class SepaMandate(Value):
    """The consent of the holder to direct debits."""

    reference: str
    """Reference of the mandate, unique among the tenant's mandates."""
    scheme: SepaScheme
    """Scheme of the direct debits. Payers can claim debits of the scheme `core` back for eight weeks."""
    type: MandateUse
    """Use of the mandate."""
    signed_on: Day | None = None
    """Date of the holder's signature; null until it is signed."""
    creditor_id: str | None = None
    """Creditor identifier of the tenant that the mandate names; null if the tenant had none."""
    last_collected_on: Day | None = None
    """Due date of the last direct debit; null before the first one."""
    amendment: AmendedMandate | None = None
    """Changes since the last direct debit; null if there are none."""


class PaymentMethod(Aggregate):
    """An account of a customer that the tenant may debit."""

    object: Literal["payment_method"] = "payment_method"
    id: PaymentMethodId
    """Unique identifier of the payment method: `pme_` followed by a ULID."""
    customer_id: CustomerId
    type: Literal["sepa_debit"] = "sepa_debit"
    """Type of the payment method. New values will be added."""
    default: bool = False
    """Whether it is the customer's default. A customer has at most one."""
    status: PaymentMethodStatus
    """Status of the payment method."""
    iban: str | None
    """IBAN of the account; null after the erasure of the customer. Its middle is replaced by `…`, except for the scope
    `collection:write`."""
    bic: str | None = None
    """BIC of the bank; null if it was not given. Banks find it by the IBAN."""
    holder: str
    """Holder of the account."""
    mandate: SepaMandate
    """Mandate of the holder."""
    ended_on: Day | None = None
    """Date on which it was revoked, used up or expired; null before. It is deleted 14 months after this day and the
    last direct debit."""
    erased_at: Instant | None = None
    """When its personal data was erased; null otherwise."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None

    _is_revealed: bool = False

    @classmethod
    def new(cls, id_: str, customer_id: str, data: NewPaymentMethod, mandate: SepaMandate, moment: Moment) -> Self:
        """A new payment method, which is pending until its mandate is signed."""
        _require_signed_by(mandate.signed_on, moment.today, "/mandate/signed_on")
        return cls(
            id=id_,
            customer_id=customer_id,
            status=_status(mandate.signed_on, blocked=False),
            mandate=mandate,
            **values_of(data, ("iban", "bic", "holder", "default")),
            **moment.created,
        )

    @property
    def data(self) -> UpdatePaymentMethod:
        """The fields that can be changed. Refuses a payment method that ended."""
        self.require_present()
        return UpdatePaymentMethod(
            iban=self.iban or "",
            blocked=self.status == "blocked",
            signed_on=self.mandate.signed_on,
            **values_of(self, ("bic", "holder", "default")),
        )

    def changed(self, data: UpdatePaymentMethod, moment: Moment) -> Self:
        """The payment method after a change. After a debit, another account is an amendment of the mandate."""
        _require_signed_by(data.signed_on, moment.today, "/signed_on")
        mandate, collected = self.mandate, self.mandate.last_collected_on is not None
        if collected and data.signed_on is None:
            raise Invalid("The mandate was signed before its last direct debit.", pointer="/signed_on")
        changes: dict[str, Any] = {"signed_on": data.signed_on}
        if collected and data.iban != self.iban:
            before = mandate.amendment or AmendedMandate()
            original = before.original_iban or self.iban
            changes["amendment"] = before.model_copy(update={"original_iban": original})
        changed: dict[str, Any] = values_of(data, ("iban", "bic", "holder", "default"))
        changed["status"] = _status(data.signed_on, blocked=data.blocked)
        changed["mandate"] = mandate.model_copy(update=changes)
        return self.model_copy(update={**changed, **moment.updated})

    def shown(self, today: date) -> Self:  # noqa: ARG002 — an account does not depend on the day
        """The payment method with masked accounts, unless it was revealed."""
        if self._is_revealed:
            return self
        mandate, amendment = self.mandate, self.mandate.amendment
        if amendment is not None:
            hidden = amendment.model_copy(update={"original_iban": masked(amendment.original_iban)})
            mandate = mandate.model_copy(update={"amendment": hidden})
        return self.model_copy(update={"iban": masked(self.iban), "mandate": mandate})

    def revealed(self) -> Self:
        """The payment method with whole accounts, for a caller who may see them."""
        whole = self.model_copy()
        whole._is_revealed = True
        return whole

    @property
    def forgets(self) -> bool:
        """Whether its personal data was erased."""
        return self.erased_at is not None

    @property
    def about_customer(self) -> str:
        """The customer who holds it."""
        return self.customer_id

    @property
    def mandate_reference(self) -> str:
        """The reference as banks compare it: without case and spaces."""
        return comparable(self.mandate.reference)

    @property
    def is_ended(self) -> bool:
        """Whether nothing can be collected with it any more."""
        return self.status in ("revoked", "used", "expired")

    def can_be_debited(self, day: date) -> bool:
        """Whether its mandate permits a debit on a day."""
        return self.status == "active" and not self.is_expired(day)

    def is_expired(self, day: date) -> bool:
        """Whether its mandate was not used for 36 months, so that banks refuse debits."""
        return self.unused_since is not None and day > _years_after(self.unused_since, UNUSED_YEARS)

    @property
    def unused_since(self) -> date | None:
        """The day of its last debit, else of its signature; None if it ended or is not signed."""
        return None if self.is_ended else self.mandate.last_collected_on or self.mandate.signed_on

    @property
    def kept_until(self) -> date | None:
        """The day until which an ended payment method is kept; None before its end."""
        if self.ended_on is None:
            return None
        last = self.mandate.last_collected_on
        return days_after(max(self.ended_on, last) if last else self.ended_on, KEPT.days)

    def require_present(self) -> None:
        """Refuse a change of a payment method that ended."""
        if self.is_ended:
            raise PaymentMethodEnded

    def with_default(self, moment: Moment, *, default: bool) -> Self:
        """The payment method as the default of its customer, or not."""
        return self.model_copy(update={"default": default, **moment.updated})

    def as_blocked(self, moment: Moment) -> Self:
        """The payment method after the bank returned a debit for a reason that does not change."""
        return self.model_copy(update={"status": "blocked", **moment.updated})

    def revoked(self, moment: Moment) -> Self:
        """The payment method after its mandate was revoked."""
        self.require_present()
        ended = {"status": "revoked", "default": False, "ended_on": moment.today}
        return self.model_copy(update={**ended, **moment.updated})

    def collected(self, due_on: date, iban: str | None, creditor_id: str | None, moment: Moment) -> Self:
        """The payment method after the bank got a debit of an account. A one-off mandate has no other one.

        A change since the creation of that debit is an amendment, which the next debit states.
        """
        mandate, changes = self.mandate, dict[str, Any]()
        changed_since = iban is not None and self.iban is not None and iban != self.iban
        last = mandate.last_collected_on
        collected: dict[str, Any] = {
            "last_collected_on": max(last, due_on) if last else due_on,
            "amendment": AmendedMandate(original_iban=iban) if changed_since else None,
            "creditor_id": creditor_id or mandate.creditor_id,
        }
        if mandate.type == "one_off" and not self.is_ended:
            changes |= {"status": "used", "default": False, "ended_on": moment.today}
        return self.model_copy(update={**changes, "mandate": mandate.model_copy(update=collected), **moment.updated})

    def expired(self, moment: Moment) -> Self:
        """The payment method after its mandate was not used for 36 months."""
        ended = {"status": "expired", "default": False, "ended_on": moment.today}
        return self.model_copy(update={**ended, **moment.updated})

    def erased(self, moment: Moment) -> Self:
        """The revoked payment method without personal data. After a debit, they are kept for claims of payers."""
        gone = self if self.is_ended else self.revoked(moment)
        if self.mandate.last_collected_on is not None or self.erased_at is not None:
            return gone
        mandate = gone.mandate.model_copy(update={"amendment": None})
        nothing = {"iban": None, "bic": None, "holder": ERASED, "mandate": mandate, "erased_at": moment.at}
        return gone.model_copy(update={**nothing, **moment.updated})


def comparable(reference: str) -> str:
    """A reference of a mandate as banks compare it: without case and spaces."""
    return "".join(reference.split()).upper()


def _years_after(day: date, years: int) -> date:
    """The same day of a later year; 28 February for a day that it lacks."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def expires_before(today: date) -> date:
    """The day before which the last use of expired mandates was, at the latest."""
    return _years_after(today, -UNUSED_YEARS)


def _status(signed_on: date | None, *, blocked: bool) -> PaymentMethodStatus:
    if blocked:
        return "blocked"
    return "active" if signed_on else "pending"


def _require_signed_by(signed_on: date | None, today: date, pointer: str) -> None:
    if signed_on is not None and signed_on > today:
        raise Invalid("The date of the signature is in the future.", pointer=pointer)
