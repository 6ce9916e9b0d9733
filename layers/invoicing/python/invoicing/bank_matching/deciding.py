"""Which documents a bank transaction pays: by proof, amount and payer. An amount alone is never a suggestion."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

from invoicing.bank.entry import Why
from invoicing.bank_matching.amounts import fit_of, only_fit, spread
from invoicing.bank_matching.model import OpenDocument, RecordedPayment, Suggestion
from invoicing.bank_matching.payer import alike

_MOST_SUGGESTIONS: Final = 5


class Named(NamedTuple):
    """A document that the transaction names."""

    document: OpenDocument
    by_reference: bool = False


class Evidence(NamedTuple):
    """The facts that decide about a transaction."""

    amount: Decimal
    """The part that is not allocated."""
    currency: str
    payer: str | None = None
    """The name of the payer."""
    named: Sequence[Named] = ()
    """The documents that it names."""
    payers: frozenset[str] = frozenset()
    """The customers who paid from its IBAN before."""
    of_payers: Sequence[OpenDocument] = ()
    """The open documents of these customers."""
    others: Sequence[OpenDocument] = ()
    """Open documents of other customers that its payer may be."""
    small_difference: Decimal = Decimal()
    """The most that the amount can be less than that of the documents that it names."""


def suggestions_for(evidence: Evidence) -> tuple[Suggestion, ...]:
    """The suggestions for a transaction, the best first."""
    if evidence.amount <= 0 or any(one.document.currency != evidence.currency for one in evidence.named):
        return ()
    if evidence.named:
        return (_by_proof(evidence),)
    if evidence.payers:
        mine = [one for one in evidence.of_payers if one.currency == evidence.currency]
        fit = only_fit(evidence.amount, [one for one in mine if one.customer_id in evidence.payers])
        return (Suggestion.of(fit.documents, "likely", "known_iban", *fit.why),) if fit else ()
    return tuple(_by_name(evidence))[:_MOST_SUGGESTIONS]


def doubted(suggestions: Sequence[Suggestion], payments: Sequence[RecordedPayment]) -> tuple[Suggestion, ...]:
    """The suggestions if users recorded payments that may be the transaction: then none is more than possible."""
    if not payments:
        return tuple(suggestions)
    return tuple(Suggestion.of(one.documents, "possible", *one.why, "payment_recorded") for one in suggestions)


def _by_proof(evidence: Evidence) -> Suggestion:
    documents = [one.document for one in evidence.named]
    why: list[Why] = ["rf_reference" if one.by_reference else "document_number" for one in evidence.named]
    customers = {one.customer_id for one in documents}
    fit = fit_of(evidence.amount, documents, evidence.small_difference)
    asked = sum((one.due + one.fees for one in documents), Decimal())
    parts = fit.documents if fit else spread(evidence.amount, documents)
    if fit:
        why += fit.why
    else:
        why.append("less_than_due" if evidence.amount < asked else "more_than_due")
    is_foreign = bool(evidence.payers) and not customers <= evidence.payers
    if is_foreign:
        why.append("iban_of_other_customer")
    elif evidence.payers:
        why.append("known_iban")
    # Buyers that are not stored as customers are not known to be the same one.
    is_of_one = len(documents) == 1 or (len(customers) == 1 and None not in customers)
    if not is_of_one:
        why.append("several_customers")
    if is_foreign or not is_of_one or (fit is None and evidence.amount > asked):
        return Suggestion.of(parts or [documents[0].paid(evidence.amount)], "possible", *why)
    return Suggestion.of(parts, "certain" if fit else "likely", *why)


def _by_name(evidence: Evidence) -> list[Suggestion]:
    """A document of the amount for each customer whose name is alike."""
    found: list[Suggestion] = []
    for one in evidence.others:
        if one.currency == evidence.currency and alike(evidence.payer, one.customer_name):
            fit = fit_of(evidence.amount, [one])
            found += [Suggestion.of(fit.documents, "possible", "name_alike", *fit.why)] if fit else []
    return found
