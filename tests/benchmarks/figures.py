"""The figures of all benchmarks, in sections that run separately."""

import io
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from typing import NamedTuple

from tests.benchmarks import documents, einvoices, init, scale


class Figure(NamedTuple):
    """One figure: our value, the value that it is compared with, and their ratio. Values have their units."""

    name: str
    ours: str
    compared: str
    ratio: str


CONCLUSIONS = {
    "Start of the fastest function": r"Ours take ([\d.]+) to",
    "Start of the median function": r"median ([\d.]+); wanted",
    "Start of the slowest function": r"Ours take [\d.]+ to ([\d.]+) of",
    "Start and first request": r"At most ([\d.]+) of \(b\)'s start and first request",
    "Warm request": r"At most ([\d.]+) of \(b\)'s warm request",
}
_USUAL = "the usual handler"
PROCESSES = 9
"""The fresh processes whose median is the start of a function."""


def start(processes: int = PROCESSES) -> Iterator[Figure]:
    """Processor time of starts and requests, from the conclusions of `tests.benchmarks.init`."""
    output = io.StringIO()
    with redirect_stdout(output):
        init.main(processes)
    sys.stderr.write(output.getvalue())
    for name, pattern in CONCLUSIONS.items():
        found = re.search(pattern, output.getvalue())
        if found is None:
            raise RuntimeError(f"tests.benchmarks.init has no conclusion about: {name}")
        yield Figure(name, "processor time", _USUAL, found.group(1))


def pdf() -> Iterator[Figure]:
    """The PDF of an invoice."""
    best = documents.side_by_side()
    yield _compared("PDF of an invoice with 20 lines", best["typst"], "WeasyPrint", best["weasyprint"])


def xml() -> Iterator[Figure]:
    """The XML of an e-invoice, beside the PDF that it is embedded in."""
    whole = min(documents.own_seconds())
    for format_, (seconds, _) in einvoices.measured().items():
        yield _compared(f"XML of an invoice with 20 lines: {format_}", seconds, "its PDF", whole)


def _compared(name: str, ours: float, other: str, seconds: float) -> Figure:
    return Figure(name, f"{ours * 1e3:.1f} ms", f"{other}: {seconds * 1e3:.1f} ms", f"{ours / seconds:.2f}")


def lists() -> Iterator[Figure]:
    """A page of a list among few and among many invoices."""
    few, many = scale.page_of_a_list(scale.FEW), scale.page_of_a_list(scale.MANY)
    yield _grown("Page of a list", many, f"among {scale.MANY:,}", few, f"among {scale.FEW:,}", each=(1, 1))


def runs() -> Iterator[Figure]:
    """A dunning run over a number of due invoices and over four times as many; billing runs likewise."""
    few, many = scale.dunning_run(scale.DUE), scale.dunning_run(4 * scale.DUE)
    each = (4 * scale.DUE, scale.DUE)
    yield _grown("Dunning run, each invoice", many, f"of {4 * scale.DUE}", few, f"of {scale.DUE}", each=each)
    yield from billing_runs()
    yield from hours_run()


def billing_runs() -> Iterator[Figure]:
    """A billing run over a number of drafts, and over four times as many; wanted: 0.1 calls each, at most 4.4 times."""
    most, least = 4 * scale.DRAFTS, scale.DRAFTS
    many, few = scale.billing_run(most), scale.billing_run(least)
    each, other = many.calls / most, few.calls / least
    calls = f"of {most}: {each:.3f} calls", f"of {least}: {other:.3f} calls"
    yield Figure("Billing run, each draft", calls[0], calls[1], f"{each / other:.2f}")
    seconds = f"of {most}: {many.seconds:.1f} s", f"of {least}: {few.seconds:.1f} s"
    yield Figure("Billing run, at 10 ms a call", seconds[0], seconds[1], f"{many.seconds / few.seconds:.2f}")


def hours_run() -> Iterator[Figure]:
    """The hour of a number of due subscriptions, and of four times as many; wanted: 3 calls each, 10,000 in time."""
    most, least = 4 * scale.UNITS, scale.UNITS
    many, few = scale.hours_run(most), scale.hours_run(least)
    each, other = many.calls / most, few.calls / least
    shown = f"of {most}: {each:.2f} calls", f"of {least}: {other:.2f} calls"
    yield Figure("Hour's run, each due subscription", *shown, f"{each / other:.2f}")
    seconds = many.seconds / most * scale.DUE_AT_ONCE
    took = f"{seconds:,.0f} s", f"an hour: {scale.HOUR:,} s"
    yield Figure(f"Hour's run of {scale.DUE_AT_ONCE:,}, at 10 ms a call", *took, f"{seconds / scale.HOUR:.2f}")


def imports() -> Iterator[Figure]:
    """The import of a bank statement, and of one with four times as many entries; wanted: linear time."""
    yield from _of_bank("statement", scale.bank_import)


def matching() -> Iterator[Figure]:
    """Transactions matched among as many open invoices, and four times as many; wanted: linear time."""
    yield from _of_bank("matching", lambda count: scale.bank_matching(count, among=count))


def _of_bank(what: str, measured: Callable[[int], scale.Work]) -> Iterator[Figure]:
    most, least = 4 * scale.ENTRIES, scale.ENTRIES
    few, many = measured(least), measured(most)
    each, other = many.calls / most, few.calls / least
    ours, compared = _each(many, most), _each(few, least)
    yield Figure(f"Bank {what}, each transaction", ours, compared, f"{each / other:.2f}")
    took = f"of {most:,}: {many.seconds:,.1f} s", f"of {least:,}: {few.seconds:,.1f} s"
    yield Figure(f"Bank {what}, at 10 ms a call", *took, f"{many.seconds / few.seconds:.2f}")


def _each(work: scale.Work, count: int) -> str:
    return f"of {count:,}: {work.calls / count:.3f} calls, {work.units / count:.1f} units"


def _grown(name: str, ours: scale.Use, which: str, other: scale.Use, than: str, *, each: tuple[int, int]) -> Figure:
    mine, theirs = ours.units / each[0], other.units / each[1]
    shown = [
        f"{text}: {use.calls / count:.1f} calls, {use.units / count:.1f} units"
        for text, use, count in ((which, ours, each[0]), (than, other, each[1]))
    ]
    return Figure(name, shown[0], shown[1], f"{mine / theirs:.2f}")


SECTIONS: Mapping[str, Callable[[], Iterator[Figure]]] = {
    "start": start,
    "pdf": pdf,
    "xml": xml,
    "lists": lists,
    "runs": runs,
    "imports": imports,
    "matching": matching,
}
