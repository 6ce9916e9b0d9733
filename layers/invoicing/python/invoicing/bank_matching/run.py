"""A matching run: a page of open bank transactions is matched again, each in a commit of its own."""

from typing import TYPE_CHECKING, Final

from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.bank.table import open_transactions_of
from invoicing.bank_matching.finding import CustomerNames
from invoicing.bank_matching.model import BankMatchingRun, TransactionMatch
from invoicing.bank_matching.requests import StartBankMatchingRun
from invoicing.bank_matching.rule import SepaTransactions, match_again
from invoicing.bank_matching.table import Chosen, choose, chosen_before
from invoicing.core.errors import ConcurrentModification, Invalid
from invoicing.store.retry import retry_on_conflict
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_of

if TYPE_CHECKING:
    from invoicing.http.request import Request

_SECONDS: Final = 10.0
"""How long one run waits for other writers. The transactions that it does not get are left."""


def run_matching(request: "Request", body: StartBankMatchingRun, sepa: SepaTransactions) -> BankMatchingRun:
    """Match a page of open transactions again.

    The page is stored first, under the key of the request. So a repetition after a crash continues with the same
    transactions, and shows the ones that were allocated before it.
    """
    store, tenant = request.store, tenant_of(request.store)
    if body.bank_account_id is not None:
        tenant.require_bank_account(body.bank_account_id)
    if body.statement_id is not None:
        store.get(BankStatement, body.statement_id)
    chosen = _chosen(request, body)
    # Without the key of the request: each allocation is a commit of its own, and the response is stored last.
    alone = Store(store.session).within(_SECONDS)
    names = CustomerNames(alone)
    results = [_match(alone, id_, tenant, names, sepa, dry_run=body.dry_run) for id_ in chosen.ids]
    return store.answer(
        BankMatchingRun(
            dry_run=body.dry_run,
            data=tuple(results),
            has_more=chosen.next_cursor is not None,
            next_cursor=chosen.next_cursor,
        )
    )


def _chosen(request: "Request", body: StartBankMatchingRun) -> Chosen:
    store = request.store
    key = None if body.dry_run else store.request_key
    before = chosen_before(store, key) if key else None
    if before is not None:
        return before
    found, conditions = open_transactions_of(store.tenant_id, body.query)
    try:
        page = request.page(BankTransaction, body.query, [found], conditions)
    except Invalid as error:
        raise Invalid(error.detail, pointer="/cursor") from None
    chosen = Chosen(tuple(one.id for one in page.data), page.next_cursor)
    if key and chosen.ids:
        choose(store, key, chosen)
    return chosen


def _match(
    store: Store, transaction_id: str, tenant: Tenant, names: CustomerNames, sepa: SepaTransactions, *, dry_run: bool
) -> TransactionMatch:
    try:
        return retry_on_conflict(
            store, lambda fresh: match_again(fresh, transaction_id, tenant, names, sepa, dry_run=dry_run)
        )
    except ConcurrentModification:
        return TransactionMatch.of(transaction_id, (), "changed_meanwhile")
