"""The allocation by rule: only to documents that a transaction names, as far as the tenant allows it."""

from typing import Literal

from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.bank_matching.allocating import How
from invoicing.bank_matching.finding import suggestions_of
from invoicing.bank_matching.model import Suggestion
from invoicing.bank_matching.requests import AllocationRequest
from invoicing.bank_matching.workflow import allocated_to
from invoicing.store.store import Store
from invoicing.tenants.table import moment_of, tenant_of

_PROOFS = frozenset({"document_number", "rf_reference"})


def allocate_by_rule(store: Store, transaction_id: str) -> BankTransaction | None:
    """Allocate a transaction if its documents are certain enough for the tenant; None if it is left to users."""
    tenant = tenant_of(store)
    auto = tenant.bank_matching.auto
    if auto == "off":
        return None
    transaction = store.get(BankTransaction, transaction_id)
    if transaction.status != "open" or transaction.suspect_of or transaction.left_to_users:
        return None
    found = suggestions_of(store, transaction, tenant)
    suggestion = next((one for one in found.suggestions if is_enough(one, auto)), None)
    if suggestion is None or store.get(BankStatement, transaction.statement_id).balanced is False:
        return None
    wanted = [
        AllocationRequest(invoice_id=one.invoice_id, amount=one.amount, cash_discount=one.cash_discount)
        for one in suggestion.documents
    ]
    documents = [found.named[one.invoice_id] for one in wanted]
    return allocated_to(store, transaction, list(zip(wanted, documents, strict=True)), How("rule", moment_of(store)))


def is_enough(suggestion: Suggestion, auto: Literal["certain", "likely", "off"]) -> bool:
    """Whether a suggestion is allocated by rule."""
    if auto == "off" or suggestion.confidence == "possible":
        return False
    return suggestion.confidence == "certain" or (auto == "likely" and bool(_PROOFS & {*suggestion.why}))
