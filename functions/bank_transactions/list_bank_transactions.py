"""GET /bank-transactions"""

from invoicing.aws.grants import Grant
from invoicing.bank.model import BankTransaction
from invoicing.bank.requests import BankTransactionQuery
from invoicing.bank.showing import page_shown
from invoicing.bank.table import transactions_of
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/bank-transactions", scope="bank:read", grants=[Grant.READ])
def handler(query: BankTransactionQuery, request: Request) -> Page[BankTransaction]:
    """List bank transactions, latest booking date first."""
    found, conditions = transactions_of(request.caller.tenant_id, query)
    return page_shown(request.page(BankTransaction, query, [found], conditions), request.caller)
