"""POST /bank-matching-runs"""

from invoicing.aws.grants import Grant
from invoicing.bank.errors import StatementNotFound
from invoicing.bank_matching.model import BankMatchingRun
from invoicing.bank_matching.requests import StartBankMatchingRun
from invoicing.bank_matching.run import run_matching
from invoicing.http.endpoint import endpoint
from invoicing.http.request import Request
from invoicing.tenants.errors import BankAccountNotFound
from invoicing.transactions.matching import NAMED_IN_RUNS


@endpoint(
    "POST",
    "/bank-matching-runs",
    scope="bank:write",
    grants=[Grant.READ, Grant.COMMIT, Grant.SIGN_CURSORS],
    raises=[BankAccountNotFound, StatementNotFound],
)
def handler(body: StartBankMatchingRun, request: Request) -> BankMatchingRun:
    """Start a matching run over open bank transactions.

    Documents that a transaction names are allocated if they are certain enough (`bank_matching.auto`), others are
    suggested, all with their reasons. Each transaction is allocated by itself. A run matches a page of at most 50
    transactions: continue with `next_cursor` until `has_more` is false. With `dry_run` nothing is allocated.
    Transactions that name direct debits or credit transfers settle or return these, and pay no documents by rule.
    """
    return run_matching(request, body, NAMED_IN_RUNS)
