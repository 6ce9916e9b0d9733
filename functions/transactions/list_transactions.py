"""GET /transactions"""

from invoicing.aws.grants import Grant
from invoicing.bank.showing import page_shown
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.transactions.model import Transaction
from invoicing.transactions.requests import TransactionQuery
from invoicing.transactions.table import transactions_matching


@endpoint("GET", "/transactions", scope="payment:read", grants=[Grant.READ])
def handler(query: TransactionQuery, request: Request) -> Page[Transaction]:
    """List direct debits and credit transfers, newest first."""
    found, conditions = transactions_matching(request.caller.tenant_id, query)
    return page_shown(request.page(Transaction, query, [found], conditions), request.caller)
