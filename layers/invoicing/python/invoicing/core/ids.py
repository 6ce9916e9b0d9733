"""Ids: a prefix that names the type, and a ULID that contains the time of creation."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from itertools import count
from typing import Annotated

from pydantic import Field, StringConstraints

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = [one + two for one in CROCKFORD for two in CROCKFORD]
_MOMENT = 10
"""Digits of a ULID that are its time."""
ULID = r"[0-7][0-9A-HJKMNP-TV-Z]{25}"


def new_id(prefix: str, at: datetime) -> str:
    """A new id that sorts by its creation time (ULID: 48 bits of milliseconds, 80 random bits)."""
    return next(new_ids(prefix, at))


def new_ids(prefix: str, at: datetime) -> Iterator[str]:
    """New ids of the same moment, in order."""
    first = int(at.timestamp() * 1000) << 80 | secrets.randbits(79)
    for value in count(first):
        yield f"{prefix}_{_ulid(value)}"


def _ulid(value: int) -> str:
    return "".join([_PAIRS[value >> shift & 1023] for shift in range(120, -1, -10)])


def twin(prefix: str, id_: str) -> str:
    """The id of an object that was created together with another one: the same ULID under another prefix."""
    return f"{prefix}_{id_.rpartition('_')[2]}"


def of_same_moment(prefix: str, id_: str) -> str:
    """The beginning of all ids with this prefix that were made in the same millisecond as another id."""
    return twin(prefix, id_)[: len(prefix) + 1 + _MOMENT]


def sibling(id_: str) -> str:
    """The id of the second of two such objects: the last digit is the next one."""
    return id_[:-1] + CROCKFORD[(CROCKFORD.index(id_[-1]) + 1) % len(CROCKFORD)]


def successor(id_: str) -> str:
    """The id with the next ULID."""
    prefix, _, ulid = id_.rpartition("_")
    value = 0
    for digit in ulid:
        value = value << 5 | CROCKFORD.index(digit)
    return f"{prefix}_{_ulid(value + 1)}"


InvoiceId = Annotated[str, StringConstraints(pattern=rf"^inv_{ULID}$")]
"""`inv_` followed by a ULID."""
LineId = Annotated[str, StringConstraints(pattern=rf"^lin_{ULID}$")]
"""`lin_` followed by a ULID."""
ActivityId = Annotated[str, StringConstraints(pattern=rf"^act_{ULID}$")]
"""`act_` followed by a ULID."""
NoteId = Annotated[str, StringConstraints(pattern=rf"^note_{ULID}$")]
"""`note_` followed by a ULID."""
FileId = Annotated[str, StringConstraints(pattern=rf"^file_{ULID}$")]
"""`file_` followed by a ULID."""
PaymentId = Annotated[str, StringConstraints(pattern=rf"^pay_{ULID}$")]
"""`pay_` followed by a ULID."""
CustomerId = Annotated[str, StringConstraints(pattern=rf"^cus_{ULID}$")]
"""`cus_` followed by a ULID."""
OrderId = Annotated[str, StringConstraints(pattern=rf"^ord_{ULID}$")]
"""`ord_` followed by a ULID."""
SubscriptionId = Annotated[str, StringConstraints(pattern=rf"^sub_{ULID}$")]
"""`sub_` followed by a ULID."""
# One pattern: the place of a mistake in a union of both would name the alternative.
DOCUMENT_OR_SUBSCRIPTION = rf"^(inv|sub)_{ULID}$"
InvoiceOrSubscriptionId = Annotated[str, StringConstraints(pattern=DOCUMENT_OR_SUBSCRIPTION)]
"""`inv_` or `sub_` followed by a ULID."""
SubscriptionItemId = Annotated[str, StringConstraints(pattern=rf"^sit_{ULID}$")]
"""`sit_` followed by a ULID."""
ChangeId = Annotated[str, StringConstraints(pattern=rf"^chg_{ULID}$")]
"""`chg_` followed by a ULID."""
PERIOD = r"^[1-9][0-9]{0,2}[dwmy]-(advance|arrears)\.[0-9]{4}-[0-9]{2}-[0-9]{2}$"
PeriodId = Annotated[str, Field(pattern=PERIOD, examples=["1m-advance.2026-02-28"])]
"""Interval, timing and first day of a period, such as `1m-advance.2026-02-28`."""
UserId = Annotated[str, StringConstraints(pattern=rf"^usr_{ULID}$")]
"""`usr_` followed by a ULID."""
KeyId = Annotated[str, StringConstraints(pattern=rf"^key_{ULID}$")]
"""`key_` followed by a ULID."""
LinkId = Annotated[str, StringConstraints(pattern=rf"^dl_{ULID}$")]
"""`dl_` followed by a ULID."""
PageLinkId = Annotated[str, StringConstraints(pattern=rf"^pgl_{ULID}$")]
"""`pgl_` followed by a ULID."""
FormId = Annotated[str, StringConstraints(pattern=rf"^form_{ULID}$")]
"""`form_` followed by a ULID."""
RuleId = Annotated[str, StringConstraints(pattern=rf"^dru_{ULID}$")]
"""`dru_` followed by a ULID."""
DunningDocumentId = Annotated[str, StringConstraints(pattern=rf"^ddo_{ULID}$")]
"""`ddo_` followed by a ULID."""
BillingRunId = Annotated[str, StringConstraints(pattern=rf"^brn_{ULID}$")]
"""`brn_` followed by a ULID."""
ProductId = Annotated[str, StringConstraints(pattern=rf"^prd_{ULID}$")]
"""`prd_` followed by a ULID."""
PriceId = Annotated[str, StringConstraints(pattern=rf"^prc_{ULID}$")]
"""`prc_` followed by a ULID."""
BankStatementId = Annotated[str, StringConstraints(pattern=rf"^bst_{ULID}$")]
"""`bst_` followed by a ULID."""
BankTransactionId = Annotated[str, StringConstraints(pattern=rf"^btx_{ULID}$")]
"""`btx_` followed by a ULID."""
PaymentMethodId = Annotated[str, StringConstraints(pattern=rf"^pme_{ULID}$")]
"""`pme_` followed by a ULID."""
TransactionId = Annotated[str, StringConstraints(pattern=rf"^txn_{ULID}$")]
"""`txn_` followed by a ULID."""
SepaFileId = Annotated[str, StringConstraints(pattern=rf"^spf_{ULID}$")]
"""`spf_` followed by a ULID."""
TenantId = Annotated[str, StringConstraints(pattern=rf"^ten_{ULID}$")]
"""`ten_` followed by a ULID."""
WebhookEndpointId = Annotated[str, StringConstraints(pattern=rf"^whe_{ULID}$")]
"""`whe_` followed by a ULID."""
DeliveryId = Annotated[str, StringConstraints(pattern=rf"^dlv_{ULID}$")]
"""`dlv_` followed by a ULID."""
