"""The PDFs per second of a warm worker, compared with WeasyPrint for the same content, and its memory.

    uv run --group benchmarks python -m tests.benchmarks.documents [documents]

Each program has its own process, and the two alternate. WeasyPrint needs Pango on the machine.
"""

import html
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from importlib import import_module
from typing import Any

from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.documents.fonts import fonts
from invoicing.documents.girocode import drawn
from invoicing.documents.letter import letter
from invoicing.documents.pdf import render_pdf
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.model import Invoice
from invoicing.issuing.finalizing import Parties, finalized
from tests.builders import NOON, customer_json, invoice_json, line_json, tenant

LINES, DOCUMENTS, TURNS = 20, 20, 5
WANTED_RATIO, WANTED_MEMORY = 12, 1.2
_STYLE = """
@font-face { font-family: Plex; font-weight: 100 700; src: url("file://%s") }
@page {
  size: A4; margin: 30mm 20mm 40mm 25mm;
  @top-left { content: element(sender) } @bottom-left { content: element(foot); width: 150mm }
  @bottom-right { content: counter(page) " / " counter(pages); font: 7pt Plex; width: 10mm }
}
#sender { position: running(sender) } #foot { position: running(foot); font-size: 7pt }
body { font: 9pt Plex } h1 { font-size: 18pt; font-weight: 600 } b { font-weight: 600 } small { font-size: 8.5pt }
table { width: 100%%; border-collapse: collapse } thead { display: table-header-group } tr { break-inside: avoid }
td, th { border-bottom: 0.3pt solid #d5d9de; padding: 1mm 2.5mm; text-align: left; vertical-align: top }
td:last-child { text-align: right } svg { width: 24mm; height: 24mm }
"""


def main(documents: int = DOCUMENTS) -> None:
    """Measure and print."""
    invoice = issued(LINES).model_dump_json()
    best = side_by_side(documents)
    _say(f"PDF/A-3b of an invoice with 20 lines in three rates; warm, the best of {TURNS} × {documents} in turns\n")
    _say(f"{'':12}{'ms':>9}{'a second':>10}{'times as fast':>15}{'kB':>7}")
    for way, seconds_each in best.items():
        size = len(RENDERERS[way]()(Invoice.model_validate_json(invoice))) / 1e3
        ratio = best["weasyprint"] / seconds_each
        _say(f"{way:12}{seconds_each * 1e3:>9.1f}{1 / seconds_each:>10.1f}{ratio:>15.1f}{size:>7.0f}")
    first, last = _measured("typst", invoice, 100)["memory"]
    _say(f"\nOurs is wanted {WANTED_RATIO} times as fast.")
    _say(f"Peak memory after the first and after 100 documents: {first / 1e3:.0f} and {last / 1e3:.0f} MB,")
    _say(f"{last / first:.2f} times; wanted at most {WANTED_MEMORY}.")


def side_by_side(documents: int = DOCUMENTS, turns: int = TURNS) -> dict[str, float]:
    """The best time of each renderer for a document, in seconds; the renderers alternate."""
    invoice = issued(LINES).model_dump_json()
    took: dict[str, list[float]] = {"typst": [], "weasyprint": []}
    for _ in range(turns):
        for way, seconds in took.items():
            seconds.append(min(_measured(way, invoice, documents)["seconds"]))
    return {way: min(seconds) for way, seconds in took.items()}


def own_seconds(documents: int = DOCUMENTS) -> list[float]:
    """The times of our renderer for documents, in seconds."""
    found: list[float] = _measured("typst", issued(LINES).model_dump_json(), documents)["seconds"]
    return found


def issued(lines: int) -> Invoice:
    """An issued invoice with so many lines in three rates."""
    company, by = tenant(), Caller.system("ten_1")
    taxes = [{"category": "S", "rate": rate} for rate in ("19", "7")] + [{"category": "Z", "rate": "0"}]
    said = [
        line_json(name=f"Position {n}", description="Eiche, geölt.", quantity=f"{n}", tax=taxes[n % 3])
        for n in range(1, lines + 1)
    ]
    buyer = {name: value for name, value in customer_json().items() if name in {"name", "address", "tax_id"}}
    given = NewInvoice.model_validate_json(json.dumps(invoice_json(customer=buyer, lines=said)))
    draft = Invoice.draft(new_id("inv", NOON), given, customer=None, tenant=company, moment=Moment(by, NOON, "UTC"))
    day = NOON.date()
    return finalized(draft, "INV-2026-000042", Parties(company, None), issue_date=day, moment=Moment(by, NOON, "UTC"))


def another(invoice: Invoice, number: int) -> Invoice:
    """An invoice that is new to each renderer: another number, customer and lines."""
    net = Decimal(number).quantize(Decimal("0.01"))
    lines = tuple(line.model_copy(update={"name": f"{line.name} / {number}", "net": net}) for line in invoice.lines)
    customer = invoice.customer and invoice.customer.model_copy(update={"name": f"Kunde {number}"})
    return invoice.model_copy(update={"number": f"INV-2026-{number:06}", "customer": customer, "lines": lines})


def typst() -> Callable[[Invoice], bytes]:
    """Our renderer."""
    return render_pdf


def weasyprint() -> Callable[[Invoice], bytes]:
    """The usual renderer: HTML with a style sheet.

    It has the same texts in the same font, the QR code and the accessibility tags, and is simpler than ours otherwise.
    The sheet and the font are loaded once.
    """
    try:
        library, text = import_module("weasyprint"), import_module("weasyprint.text.fonts")
    except (ImportError, OSError) as missing:
        sys.exit(f"WeasyPrint is not there: {missing}")
    loaded = text.FontConfiguration()
    [plex] = (font.path for font in fonts().fonts() if font.family == "IBM Plex Sans" and font.style == "normal")
    style = library.CSS(string=_STYLE % plex, font_config=loaded)

    def render(invoice: Invoice) -> bytes:
        page = library.HTML(string=f"<html lang=de><body>{''.join(_html(letter(invoice.listed)))}")
        made = page.write_pdf(stylesheets=[style], font_config=loaded, pdf_variant="pdf/a-3b", pdf_tags=True)
        return bytes(made)

    return render


RENDERERS = {"typst": typst, "weasyprint": weasyprint}


def _html(said: dict[str, Any]) -> Iterator[str]:
    """The letter's texts in their order, laid out by tables only."""
    yield f"<title>{_text(said['title'])}</title><div id=sender>{_text(said['sender'])}</div>"
    yield f"<div id=foot>{_table([[' · '.join(column) for column in said['footer']]])}</div>"
    yield f"<p>{_text(said['return_line'])}</p><p>{'<br>'.join(map(_text, said['recipient']))}</p>"
    yield _table(said["facts"]) + f"<h1>{_text(said['title'])}</h1>"
    head = "".join(f"<th>{_text(column)}</th>" for column in said["columns"])
    yield f"<table><thead><tr>{head}</tr></thead>{''.join(map(_row, said['lines']))}</table>"
    yield _table([*said["totals"], said["total"], *said["settlement"]])
    yield "".join(f"<p>{_text(remark)}</p>" for remark in said["remarks"])
    payment = said["payment"]
    yield f"<h2>{_text(payment['title'])}</h2><p>{_text(' '.join(payment['sentences']))}</p>"
    yield "".join(_table(account) for account in payment["accounts"])
    code = drawn(payment["code"])
    yield code[code.index("<svg") :] + f"<p>{_text(said['closing'] or '')}</p>"


def _row(line: dict[str, Any]) -> str:
    name = f"<b>{_text(line['name'])}</b><br><small>{_text(line['description'])}</small>"
    rest = (_text(f"{line['quantity']} {line['unit']}"), *(_text(line[part]) for part in ("price", "tax", "amount")))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in (_text(line['position']), name, *rest))}</tr>"


def _table(rows: list[list[str]]) -> str:
    return f"<table>{''.join('<tr>' + ''.join(f'<td>{_text(cell)}</td>' for cell in row) for row in rows)}</table>"


def _text(text: str) -> str:
    return html.escape(text)


def _measured(way: str, invoice: str, documents: int) -> Any:
    command = [sys.executable, "-m", __spec__.name, way, str(documents)]
    done = subprocess.run(command, input=invoice, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(done.stderr.strip().splitlines()[-1])
    return json.loads(done.stdout)


def measure(way: str, documents: int) -> None:
    """Measure in a separate process: seconds for each document after the first, memory after the first and the last."""
    render, invoice = RENDERERS[way](), Invoice.model_validate_json(sys.stdin.read())
    render(invoice)
    first = _peak()
    seconds = []
    for number in range(documents):
        fresh = another(invoice, number)
        started = time.process_time()
        render(fresh)
        seconds.append(time.process_time() - started)
    sys.stdout.write(json.dumps({"seconds": seconds, "memory": [first, _peak()]}))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    match sys.argv[1:]:
        case [way, documents]:
            measure(way, int(documents))
        case counts:
            main(*map(int, counts))
