"""Payments and refunds."""

import re
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from invoicing.core.errors import Invalid
from invoicing.core.identity import Reference
from invoicing.core.ids import ULID, InvoiceId, PaymentId
from invoicing.core.model import Aggregate, Amount, CurrencyCode, Day, Instant, Internal, LongText, ShortText, Value
from invoicing.core.party import Iban

Method = Literal["bank_transfer", "sepa_direct_debit", "card", "cash", "check", "paypal", "coupon", "credit", "other"]
"""The method `credit` pays with an amount that is owed to the customer on another document."""
MeansCode = Literal[
    "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12", "13", "14", "15", "16", "17", "18", "19", "20", "21",
    "22", "23", "24", "25", "26", "27", "28", "29", "30", "31", "32", "33", "34", "35", "36", "37", "38", "39", "40",
    "41", "42", "43", "44", "45", "46", "47", "48", "49", "50", "51", "52", "53", "54", "55", "56", "57", "58", "59",
    "60", "61", "62", "63", "64", "65", "66", "67", "68", "69", "70", "74", "75", "76", "77", "78", "91", "92", "93",
    "94", "95", "96", "97", "98", "ZZZ",
]  # fmt: skip
"""Code of the payment means (UNCL 4461), such as `58` for a SEPA credit transfer or `31` for a debit transfer."""
_CARDS: Final[tuple[MeansCode, ...]] = ("48", "54", "55")
_DEBITS: Final[tuple[MeansCode, ...]] = ("59", "49")
_CHECKS: Final[tuple[MeansCode, ...]] = ("20", "21", "22", "23", "25", "26", "91", "92")
_TRANSFERS: Final[tuple[MeansCode, ...]] = ("58", "30")
_ELSEWHERE: Final[frozenset[MeansCode]] = frozenset({*_CARDS, *_DEBITS, *_CHECKS, "10", "68", "97"})
CODES_OF: Final[dict[Method, tuple[MeansCode, ...]]] = {
    "bank_transfer": (*_TRANSFERS, *(code for code in get_args(MeansCode) if code not in _ELSEWHERE | {*_TRANSFERS})),
    "sepa_direct_debit": _DEBITS,
    "card": _CARDS,
    "cash": ("10",),
    "check": _CHECKS,
    "paypal": ("68",),
    "coupon": ("57", "97"),
    "credit": ("97",),
    "other": tuple(code for code in get_args(MeansCode) if code not in {*_CARDS, *_DEBITS, *_TRANSFERS, "10"}),
}
"""The codes that documents of each payment method can state.

A transfer can state each code that is of no other method, because the accounts of the document fit them all; `other`
each code that requires no account, mandate or card and is not cash.
"""
ReversalReason = Literal["error", "returned", "chargeback"]
"""One of `error`, `returned` or `chargeback`."""
PositiveAmount = Annotated[Amount, Field(gt=0)]


class Mandate(Value):
    """A SEPA direct debit mandate of the customer."""

    reference: Annotated[ShortText, Field(max_length=35, examples=["M-2026-0042"])]
    """Reference of the mandate, 1 to 35 characters (EN 16931 BT-89)."""
    iban: Iban | None = None
    """IBAN of the customer's account (EN 16931 BT-91)."""
    signed_on: Day | None = None
    """Date of the customer's signature."""


class Card(Value):
    """A payment card (EN 16931 BG-18). The full card number is never stored."""

    last_digits: Annotated[str, Field(pattern=r"^[0-9]{4,6}$", examples=["4242"])]
    """Last 4 to 6 digits of the card number (EN 16931 BT-87)."""
    holder: ShortText | None = None
    """Name of the card holder (EN 16931 BT-88)."""


def require_means(method: Method | None, code: MeansCode | None) -> None:
    """Refuse a code of another payment method. Documents without a method are paid by bank transfer."""
    fitting = CODES_OF[method or "bank_transfer"]
    if code is not None and code not in fitting:
        others = [one for one in get_args(MeansCode) if one not in fitting]
        which = f"one of {', '.join(fitting)}" if len(fitting) < len(others) else f"none of {', '.join(others)}"
        named = f"the payment method {method or 'bank_transfer'}"
        raise Invalid(f"The code of {named} is {which} (BT-81).", pointer="/payment_means_code")


class PaymentInstructions(Value):
    """How the customer is asked to pay (EN 16931 BG-16)."""

    payment_method: Method | None = None
    """Payment method (EN 16931 BT-81)."""
    payment_means_code: MeansCode | None = None
    """Code of the payment means (EN 16931 BT-81); the usual one of the payment method by default."""
    payment_means_text: ShortText | None = None
    """Payment means in words (EN 16931 BT-82)."""
    bank_account_id: ShortText | None = None
    """Identifier of the tenant's bank account that the customer is asked to pay to."""
    mandate: Mandate | None = None
    """SEPA direct debit mandate."""
    card: Card | None = None
    """Payment card that is charged."""


_DETAILS: Final[tuple[tuple[str, frozenset[Method | None], str], ...]] = (
    (
        "mandate",
        frozenset({"sepa_direct_debit"}),
        "A mandate (BT-89) requires the payment method sepa_direct_debit (BR-DE-23-b, BR-DE-24-b).",
    ),
    ("card", frozenset({"card"}), "A card (BT-87) requires the payment method card (BR-DE-23-b, BR-DE-25-b)."),
    (
        "bank_account_id",
        frozenset({None, *get_args(Method)} - {"sepa_direct_debit", "card"}),
        "bank_account_id (BT-84) is not allowed with a card or a direct debit (BR-DE-24-b, BR-DE-25-b).",
    ),
)
"""The details of payments, with the methods that may have them."""


def require_details(given: PaymentInstructions, before: PaymentInstructions | None = None) -> None:
    """Refuse details of another payment method, because no document would state them. Those of `before` may remain."""
    for name, methods, message in _DETAILS:
        kept = None, getattr(before, name, None)
        if getattr(given, name) not in kept and given.payment_method not in methods:
            raise Invalid(message, pointer=f"/{name}")


class Allocation(Value):
    """The part of a payment that was applied to the invoice or to fees."""

    to: Literal["invoice", "fees"]
    """Target of the amount: `invoice`, or `fees` for dunning fees and interest."""
    amount: Amount
    """Amount that was applied."""


class PaymentFacts(Value):
    """The fields of a payment or refund without its date."""

    amount: PositiveAmount
    """Amount of the payment or refund, above zero."""
    type: Literal["payment", "refund"] = "payment"
    """Type of the payment: `payment` from the customer, or `refund` to the customer."""
    method: Method = "bank_transfer"
    """Payment method."""
    reference: ShortText | None = None
    """Reference of the payment, such as the remittance information of a transfer."""
    external_id: ShortText | None = None
    """Identifier of the payment in another system, such as the bank's. It is unique within the document."""
    source_id: InvoiceId | None = None
    """Identifier of the document whose `refund_due` pays this one; the method `credit` requires it."""
    cash_discount: PositiveAmount | None = None
    """Cash discount that the customer kept back for paying early, above zero."""
    note: LongText | None = None
    """Note on the payment, for the tenant's own users."""


def is_allocation(payment: PaymentFacts) -> bool:
    """Whether it is an allocation of a bank transaction, whose identifier is its `external_id`."""
    return payment.external_id is not None and _BANK_TRANSACTION.fullmatch(payment.external_id) is not None


def is_transfer(payment: PaymentFacts) -> bool:
    """Whether it is a refund by a credit transfer of a SEPA file, whose identifier is its `external_id`."""
    id_ = payment.external_id
    return payment.type == "refund" and id_ is not None and _TRANSACTION.fullmatch(id_) is not None


def is_by_hand(payment: "Payment") -> bool:
    """Whether it is money that came in and was recorded by itself: no allocation, no credit, and not reversed."""
    is_money = payment.type == "payment" and payment.method != "credit" and payment.reversed_at is None
    return is_money and not is_allocation(payment)


_BANK_TRANSACTION = re.compile(rf"btx_{ULID}")
_TRANSACTION = re.compile(rf"txn_{ULID}")


class PaymentData(PaymentFacts):
    """The fields of a payment or refund."""

    date: Day
    """Date of the payment."""


class Payment(PaymentData, Aggregate):
    """A payment or refund on a document. It is never changed, only reversed."""

    object: Literal["payment"] = "payment"
    invoice_id: str
    customer_id: str | None = None
    """Identifier of the customer; null where the document names a customer that is not stored."""
    currency: CurrencyCode
    """Currency of the amounts."""
    small_difference: Amount | None = None
    """Rest of the amount due that was closed with the payment as a small difference; null otherwise. Its reversal opens
    the document again."""
    allocations: tuple[Allocation, ...]
    """Amounts that were applied to the invoice and to fees."""
    counterpart_id: PaymentId | None = None
    """Identifier of the other half of an applied credit: a payment here and a refund on the source document. Null
    otherwise."""
    reversed_at: Instant | None = None
    """When the payment was reversed; null if it was not."""
    reversal_reason: ReversalReason | None = None
    """Reason for the reversal; null if the payment was not reversed."""
    created_by: Annotated[Reference | None, Internal] = None
    updated_by: Annotated[Reference | None, Internal] = None


class Paid(Value):
    """The last payment on a document."""

    id: str
    """Identifier of the payment: `pay_` followed by a ULID."""
    date: Day
    """Date of the payment."""
    amount: Amount
    """Amount of the payment."""

    @classmethod
    def of(cls, payment: Payment) -> "Paid":
        """A payment as documents and reports show their last one."""
        return cls(id=payment.id, date=payment.date, amount=payment.amount)
