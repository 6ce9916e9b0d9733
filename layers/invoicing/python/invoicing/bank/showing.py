"""Who sees whole IBANs: callers who may write files of payments. Everybody else sees their ends."""

from invoicing.bank.model import BankStatement, BankTransaction
from invoicing.core.identity import Caller
from invoicing.core.page import Page


def shown_to[V: (BankStatement, BankTransaction)](caller: Caller, thing: V) -> V:
    """A statement or transaction as a caller sees it."""
    return thing.revealed() if "collection:write" in caller.scopes else thing


def page_shown[V: (BankStatement, BankTransaction)](page: Page[V], caller: Caller) -> Page[V]:
    """A page of statements or transactions as a caller sees it."""
    return page.model_copy(update={"data": tuple(shown_to(caller, one) for one in page.data)})
