"""POST /bank-transactions/{transaction_id}/allocations"""

from functools import partial

from invoicing.aws.grants import Grant
from invoicing.bank.errors import BankTransactionNotFound, TransactionIgnored
from invoicing.bank.model import BankTransaction
from invoicing.bank_matching.errors import (
    AllocationCurrencyDiffers,
    AllocationExceedsTransaction,
    SmallDifferenceNotAllowed,
    TooManyChanges,
)
from invoicing.bank_matching.requests import AllocateTransaction
from invoicing.bank_matching.workflow import allocate_transaction
from invoicing.core.errors import DuplicateExternalId
from invoicing.core.ids import BankTransactionId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.issuing.refusals import OF_ITS_STATE
from invoicing.settlement.errors import (
    CashDiscountNotAllowed,
    DepositNotPaid,
    PaymentExceedsDue,
    RefundExceedsCredit,
    RefundUnderWay,
)
from invoicing.transactions.booking import debits_booked_with


@endpoint(
    "POST",
    "/bank-transactions/{transaction_id}/allocations",
    scope="bank:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[
        BankTransactionNotFound,
        TransactionIgnored,
        *OF_ITS_STATE,
        DuplicateExternalId,
        AllocationExceedsTransaction,
        AllocationCurrencyDiffers,
        SmallDifferenceNotAllowed,
        TooManyChanges,
        PaymentExceedsDue,
        RefundExceedsCredit,
        RefundUnderWay,
        DepositNotPaid,
        CashDiscountNotAllowed,
    ],
)
def handler(transaction_id: BankTransactionId, body: AllocateTransaction, request: Request) -> BankTransaction:
    """Allocate a bank transaction to documents.

    Each allocation is a payment by bank transfer, or a refund if the money went out, on the value date. Its
    `external_id` is the transaction. All are recorded or none. Direct debits that the transaction names are not
    recorded again unless their own money comes too.
    """
    return allocate_transaction(request.store, transaction_id, body, partial(debits_booked_with, request.store))
