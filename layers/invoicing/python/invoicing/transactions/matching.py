"""SEPA transactions in matching runs: a run settles those that a bank transaction names, and pays no document by it."""

from typing import Final

from invoicing.bank.model import BankTransaction
from invoicing.bank_matching.rule import SepaTransactions
from invoicing.store.store import Store
from invoicing.transactions.naming import named_in
from invoicing.transactions.taking import take

_MOST: Final = 20
"""The most SEPA transactions of one bank transaction in a run: each is a commit, and the response waits for all."""


def _names_any(store: Store, found: BankTransaction) -> bool:
    return bool(named_in(store, found))


def _take_few(store: Store, found: BankTransaction) -> bool:
    """Settle or return the transactions that a bank transaction names, unless they are many."""
    return len(named_in(store, found)) > _MOST or take(store, found)


NAMED_IN_RUNS: Final = SepaTransactions(_names_any, _take_few)
"""How matching runs recognize the money of SEPA transactions."""
