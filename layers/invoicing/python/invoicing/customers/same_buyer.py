"""Whether two documents name the same buyer, where the customer is not stored and so has no id."""

from collections.abc import Iterator

from invoicing.core.party import Buyer


def is_same_buyer(one: Buyer, other: Buyer) -> bool:
    """Whether two buyers are one party, by the identifiers that both state, else by name and address.

    The identifiers are the VAT id, the registration number with its scheme, the `party_id` with its scheme and the
    Leitweg-ID. A buyer moves and changes its name, but keeps them: they decide if any of them is stated by both. One
    that differs means another party, because companies of a group can share a VAT id. Contacts, mail addresses and the
    address for e-invoices do not count: they are of persons and service providers.
    """
    shared = [mine == theirs for mine, theirs in zip(_identifiers(one), _identifiers(other), strict=True)
              if mine and theirs]  # fmt: skip
    return all(shared) if shared else _called(one) == _called(other)


def _identifiers(buyer: Buyer) -> Iterator[tuple[str | None, ...] | None]:
    party_id = buyer.party_id
    yield (buyer.tax_id,) if buyer.tax_id else None
    yield (buyer.legal_id, buyer.legal_id_scheme) if buyer.legal_id else None
    yield (party_id.id, party_id.scheme) if party_id else None
    yield (buyer.leitweg_id,) if buyer.leitweg_id else None


def _called(buyer: Buyer) -> tuple[str, ...]:
    """The type, name and address, without differences in case and white space."""
    address = {} if buyer.address is None else buyer.address.model_dump(exclude_none=True)
    return tuple(" ".join(text.casefold().split()) for text in (buyer.type, buyer.name, *address.values()))
