"""POST /bank-transactions"""

from invoicing.aws.grants import Grant
from invoicing.bank.errors import ExternalIdDiffers
from invoicing.bank.feed import FeedResults, take_feed
from invoicing.bank.requests import SendBankTransactions
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.errors import BankAccountNotFound


@endpoint(
    "POST",
    "/bank-transactions",
    scope="bank:write",
    grants=[Grant.READ, Grant.COMMIT],
    raises=[BankAccountNotFound, ExternalIdDiffers],
)
def handler(body: SendBankTransactions, request: Request) -> FeedResults:
    """Send booked transactions of a bank account.

    This is the feed for systems that read accounts themselves, such as open banking, EBICS or FinTS tools. Each
    transaction is stored once: one with a known `external_id`, or that a statement contained before, is a `duplicate`.
    """
    return take_feed(request.store, body)
