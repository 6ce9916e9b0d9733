from typing import NamedTuple
from decimal import Decimal
from types import SimpleNamespace
class Units(NamedTuple):
    writes: int
    reads: Decimal
UNITS={}
PRICES={}
LIFE=SimpleNamespace(lines=5, calls={"get_invoice":1})
