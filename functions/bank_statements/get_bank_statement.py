"""GET /bank-statements/{statement_id}"""

from invoicing.aws.grants import Grant
from invoicing.bank.errors import StatementNotFound
from invoicing.bank.model import BankStatement
from invoicing.bank.showing import shown_to
from invoicing.core.ids import BankStatementId
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request


@endpoint("GET", "/bank-statements/{statement_id}", scope="bank:read", grants=[Grant.READ], raises=[StatementNotFound])
def handler(statement_id: BankStatementId, request: Request) -> BankStatement:
    """Retrieve a bank statement with the progress of its import.

    It shows whether its entries add up to its balances, and whether it continues the statement before.
    """
    return shown_to(request.caller, request.store.get(BankStatement, statement_id))
