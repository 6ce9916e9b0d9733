"""Proofs that a bank transaction pays a document: its number, or an RF reference (ISO 11649).

A text that can be read as two documents proves none. So another document can take away a proof, but not move it.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import accumulate
from typing import Final, NamedTuple

from invoicing.bank.entry import Entry
from invoicing.numbering.model import LONGEST_COUNT, NumberSeries, type_of
from invoicing.numbering.printed import readings
from invoicing.numbering.rf import compared

MOST_NUMBERS: Final = 100
"""The most numbers of one transaction. A text with more of them proves nothing."""
_LONGEST_REFERENCE: Final = 25
_REFERENCE = re.compile(r"(?<![^\W_])(?=(RF[\s-]?[0-9][0-9][\sA-Z0-9-]*))", re.IGNORECASE)
_RUN = re.compile(r"[A-Za-z0-9]+")


class Proof(NamedTuple):
    """A place in a text, and the numbers that it can be read as."""

    numbers: frozenset[str]
    reference: str | None = None
    """The RF reference in this place, if there is one."""


class Proven(NamedTuple):
    """A document that a transaction names."""

    document_id: str
    by_reference: bool


def proofs_of(entry: Entry, series: Collection[NumberSeries]) -> tuple[Proof, ...]:
    """The places of a transaction that can name a document; none if there are too many."""
    patterns = list(dict.fromkeys(one.pattern for one in series if type_of(one.name) == "invoice"))
    texts = list(dict.fromkeys(filter(None, (entry.remittance, entry.structured_reference))))
    found = [Proof(numbers) for text in texts for numbers in _places(text, patterns)]
    for text in dict.fromkeys(filter(None, (*texts, entry.end_to_end_id))):
        found += [Proof(_numbers_of(one, patterns), one) for one in references_in(text)]
    proofs = tuple(dict.fromkeys(found))
    return proofs if len(numbers_of(proofs)) + len(references_of(proofs)) <= MOST_NUMBERS else ()


def numbers_of(proofs: Iterable[Proof]) -> frozenset[str]:
    """All numbers that can be in a transaction."""
    return frozenset(number for one in proofs for number in one.numbers)


def references_of(proofs: Iterable[Proof]) -> frozenset[str]:
    """All RF references in a transaction."""
    return frozenset(one.reference for one in proofs if one.reference)


def proven(proofs: Iterable[Proof], holders: Mapping[str, str]) -> tuple[Proven, ...]:
    """The documents that the proofs name. `holders`: the document of each number and RF reference that one has.

    A reference that a document has names that one. Any other is one of a number, which payers can make themselves.
    """
    found: dict[str, Proven] = {}
    for one in proofs:
        names = (one.reference,) if one.reference and one.reference in holders else one.numbers
        ids = {holders[name] for name in names if name in holders}
        if len(ids) == 1:
            [id_] = ids
            if one.reference or id_ not in found:
                found[id_] = Proven(id_, one.reference is not None)
    return tuple(found.values())


def references_in(text: str) -> Iterator[str]:
    """The valid RF references in a text, as banks write them: in capitals, without spaces and leading zeros."""
    from stdnum import iso11649

    for match in _REFERENCE.finditer(text):
        for written in accumulate(_RUN.findall(match[1])):
            # The text goes on after the reference, so each of its words can be the last one.
            if len(written) <= _LONGEST_REFERENCE and iso11649.is_valid(written):
                yield compared(written)


def _places(text: str, patterns: Iterable[str]) -> Iterator[frozenset[str]]:
    """The places of a text that can be a number. Numbers that overlap are readings of one place."""
    ordered = sorted((one for pattern in patterns for one in readings(pattern, text)), key=lambda one: one.start)
    place: set[str] = set()
    end = 0
    for one in ordered:
        if place and one.start >= end:
            yield frozenset(place)
            place = set()
        place.add(one.number)
        end = max(end, one.end)
    if place:
        yield frozenset(place)


def _numbers_of(reference: str, patterns: Iterable[str]) -> frozenset[str]:
    """The numbers that an RF reference can stand for: it has their letters and digits only."""
    text = reference[4:]
    found = (
        one for pattern in patterns for zeros in range(LONGEST_COUNT) for one in readings(pattern, "0" * zeros + text)
    )
    return frozenset(one.number for one in found)
