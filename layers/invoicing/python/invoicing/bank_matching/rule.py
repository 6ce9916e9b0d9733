"""The allocation by rule: only to documents that a transaction names, as far as the tenant allows it."""

from collections.abc import Callable
from typing import Literal, NamedTuple

from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.bank.table import remember_suggestions
from invoicing.bank_matching.allocating import How
from invoicing.bank_matching.finding import CustomerNames, Found, suggestions_of
from invoicing.bank_matching.model import MatchObstacle, Suggestion, TransactionMatch
from invoicing.bank_matching.requests import AllocationRequest
from invoicing.bank_matching.workflow import allocated_to
from invoicing.core.errors import RuleBroken
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import moment_of, tenant_of

_PROOFS = frozenset({"document_number", "rf_reference"})


class SepaTransactions(NamedTuple):
    """How the money of direct debits and credit transfers is recognized. No rule allocates it to documents."""

    names: Callable[[Store, BankTransaction], bool]
    """Whether a bank transaction names some."""
    take: Callable[[Store, BankTransaction], bool]
    """Settle or return those that a bank transaction names. Returns whether it names any."""


class RuleDecision(NamedTuple):
    """The suggestions for a transaction, and the reason why the first one is not allocated; None if it is."""

    found: Found
    obstacle: MatchObstacle | None


def allocate_by_rule(store: Store, transaction: BankTransaction) -> BankTransaction | None:
    """Allocate a transaction if its documents are certain enough for the tenant; None if it is left to users."""
    if transaction.status != "open":
        return None
    tenant = tenant_of(store)
    found, obstacle = decision_of(store, transaction, tenant)
    allocated = None if obstacle else _allocated(store, transaction, found, tenant)
    if allocated is None:
        _remember(store, transaction, found)
    return allocated


def match_again(
    store: Store, transaction_id: str, tenant: Tenant, names: CustomerNames, sepa: SepaTransactions, *, dry_run: bool
) -> TransactionMatch:
    """Match a transaction that was open, and allocate it if that is certain enough for the tenant."""
    transaction = store.get(BankTransaction, transaction_id)
    if not transaction.is_open:
        return TransactionMatch.of_closed(transaction)
    is_sepa = sepa.names(store, transaction) if dry_run else sepa.take(store, transaction)
    if is_sepa and not dry_run:
        store = store.fresh(store.session.until)
        transaction = store.get(BankTransaction, transaction_id)
        if transaction.collection is not None:
            return TransactionMatch.of_sepa(transaction_id)
    found, obstacle = decision_of(store, transaction, tenant, names)
    obstacle = "sepa_transaction" if is_sepa else obstacle
    after = None if obstacle or dry_run else _allocated(store, transaction, found, tenant)
    if after is not None:
        return TransactionMatch.of_closed(after)
    if not dry_run:
        _remember(store, transaction, found)
        obstacle = obstacle or "refused"
    return TransactionMatch.of(transaction.id, found.suggestions, obstacle)


def _remember(store: Store, transaction: BankTransaction, found: Found) -> None:
    """Store how sure the suggestions are, and for which customers, if that changed."""
    best = found.suggestions[0].confidence if found.suggestions else None
    after = transaction.suggested(best, found.customers)
    if after != transaction:
        remember_suggestions(store, after)


def decision_of(
    store: Store, transaction: BankTransaction, tenant: Tenant, names: CustomerNames | None = None
) -> RuleDecision:
    """Decide whether a rule allocates a transaction to the documents of its first suggestion."""
    if transaction.direction == "debit":
        return RuleDecision(Found(), "money_out")
    if transaction.returned or transaction.reversal:
        return RuleDecision(Found(), "money_returned")
    found = suggestions_of(store, transaction, tenant, names)
    return RuleDecision(found, _obstacle(store, transaction, found, tenant))


def _obstacle(store: Store, transaction: BankTransaction, found: Found, tenant: Tenant) -> MatchObstacle | None:
    if not found.suggestions:
        return "payment_recorded" if found.recorded else "no_document"
    if transaction.suspect_of:
        return "may_be_copy"
    if transaction.left_to_users:
        return "reversed_before"
    if transaction.status != "open":
        return "partly_allocated"
    if not is_enough(found.suggestions[0], tenant.bank_matching.auto):
        return "auto_off" if tenant.bank_matching.auto == "off" else "not_sure_enough"
    unbalanced = store.get(BankStatement, transaction.statement_id).balanced is False
    return "statement_unbalanced" if unbalanced else None


def _allocated(store: Store, transaction: BankTransaction, found: Found, tenant: Tenant) -> BankTransaction | None:
    """Commit the first suggestion; None if the documents do not accept it."""
    first = found.suggestions[0]
    wanted = [
        AllocationRequest(
            invoice_id=one.invoice_id,
            amount=one.amount,
            cash_discount=one.cash_discount,
            small_difference=one.small_difference,
        )
        for one in first.documents
    ]
    documents = [found.named[one.invoice_id] for one in wanted]
    most = tenant.bank_matching.small_difference
    how = How("rule", moment_of(store), small_difference=most, confidence=first.confidence, why=first.why)
    try:
        return allocated_to(store, transaction, list(zip(wanted, documents, strict=True)), how)
    except RuleBroken:
        return None


def is_enough(suggestion: Suggestion, auto: Literal["certain", "likely", "off"]) -> bool:
    """Whether a suggestion is allocated by rule."""
    if auto == "off" or suggestion.confidence == "possible":
        return False
    return suggestion.confidence == "certain" or (auto == "likely" and bool(_PROOFS & {*suggestion.why}))
