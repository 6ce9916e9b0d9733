"""RF references of numbers (ISO 11649): RF, two check digits, and the letters and digits of the number."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations
from typing import Final

from invoicing.numbering.model import NumberSeries, can_collide, parts_of, type_of

LONGEST: Final = 21
"""The most letters and digits after the check digits."""
_MOST_DOCUMENTS: Final = 999_999_999
"""The count up to which the numbers of each series have to fit into references."""


def characters_of(number: str) -> str:
    """The letters and digits of a number, in capitals."""
    return re.sub(r"[^A-Z0-9]", "", number.upper())


def reference_of(number: str) -> str:
    """The RF reference of a number."""
    from stdnum.iso7064 import mod_97_10

    text = characters_of(number)
    return f"RF{mod_97_10.calc_check_digits(text + 'RF')}{text}"


def compared(reference: str) -> str:
    """A valid reference in capitals, without spaces and leading zeros: banks change both."""
    from stdnum import iso11649

    compact = iso11649.compact(reference)
    return compact[:4] + compact[4:].lstrip("0")


def reference_mistakes(every: Iterable[NumberSeries]) -> Iterator[tuple[str, str]]:
    """The series of invoices whose numbers have no RF reference of their own, each with its pointer and the reason."""
    series = [one for one in every if type_of(one.name) == "invoice"]
    for one in series:
        longest = len(characters_of(one.number(max(_MOST_DOCUMENTS, one.first_number), date.max)))
        if longest > LONGEST:
            message = f"Numbers have up to {longest} letters and digits, and RF references only {LONGEST} (ISO 11649)"
            yield f"/number_series/{one.name}/pattern", message
    for first, second in combinations(series, 2):
        if can_collide(_joined(first), _joined(second)):
            message = f"Without separators, as in RF references, this pattern can print numbers of {first.name}"
            yield f"/number_series/{second.name}/pattern", message


def _joined(series: NumberSeries) -> NumberSeries:
    """A series whose numbers are the letters and digits of those of another one."""
    texts: list[str] = []
    for text, name, width in parts_of(series.pattern):
        part = f"{name}:0{width}" if width else name
        texts.append(f"{{{part}}}" if name else characters_of(text))
    return series.model_copy(update={"pattern": "".join(texts)})
