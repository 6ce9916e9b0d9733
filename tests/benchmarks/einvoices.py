"""The time of a warm worker to write an e-invoice, in each format.

uv run python -m tests.benchmarks.einvoices [lines]
"""

import gc
import sys
import time

from invoicing.core.einvoice import FORMATS
from invoicing.documents.einvoice import render_xml
from tests.builders import line_json
from tests.einvoices import issued

LINES, TURNS, WANTED = 20, 200, 3.0


def main(count: int = LINES) -> None:
    """Measure and print."""
    sys.stdout.write(f"An invoice with {count} lines in three rates, warm: the best of {TURNS}, wanted {WANTED} ms\n\n")
    for format_, (seconds, size) in measured(count).items():
        sys.stdout.write(f"{format_:15}{seconds * 1e3:>8.2f} ms{size / 1e3:>8.0f} kB\n")


def measured(count: int = LINES, turns: int = TURNS) -> dict[str, tuple[float, int]]:
    """The best time for an XML in each format, in seconds, and its size in bytes."""
    taxes = [{"category": "S", "rate": rate} for rate in ("19", "7")] + [{"category": "Z"}]
    lines = [line_json(name=f"Position {n}", description="Eiche, geölt.", tax=taxes[n % 3]) for n in range(count)]
    document = issued(lines=lines, discount={"percent": "10"}, shipping={"amount": "4.90"}, price_tax_inclusive=True)
    gc.freeze()
    found: dict[str, tuple[float, int]] = {}
    for format_ in FORMATS:
        seconds = []
        for _ in range(turns):
            started = time.process_time()
            xml = render_xml(document, format_)
            seconds.append(time.process_time() - started)
        found[format_] = min(seconds), len(xml)
    return found


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
