"""GET /bank-statements"""

from invoicing.aws.grants import Grant
from invoicing.bank.model import BankStatement
from invoicing.bank.requests import BankStatementQuery
from invoicing.bank.showing import page_shown
from invoicing.bank.table import statements_of
from invoicing.core.page import Page
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/bank-statements", scope="bank:read", grants=[Grant.READ])
def handler(query: BankStatementQuery, request: Request) -> Page[BankStatement]:
    """List bank statements, latest last day first."""
    found, conditions = statements_of(request.caller.tenant_id, query)
    return page_shown(request.page(BankStatement, query, [found], conditions), request.caller)
