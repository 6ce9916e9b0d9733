"""The drawing of letterheads, and the refusal of unsuitable ones."""

import io
import subprocess
import tempfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from invoicing.document_forms.letterhead import pages_of
from invoicing.documents.pdf import render_pdf
from invoicing.documents.pictures import drawing
from invoicing.notes.errors import UnsupportedFileType
from tests import bombs
from tests.letterheads import letterhead, saved
from tests.pdf_files import broken_rules
from tests.unit.test_pdf import INVOICE, LINE, invoice_of, opened, text_of

TWICE = Array([Name.FlateDecode, Name.FlateDecode])
"""The filters of a stream that is compressed twice."""


def with_text(pdf: pikepdf.Pdf) -> None:
    """A text in a font that the file does not contain."""
    page = pdf.pages[0]
    font = Dictionary(Type=Name.Font, Subtype=Name.Type1, BaseFont=Name.Helvetica)
    page.Resources = Dictionary(Font=Dictionary(F1=font))
    page.Contents = pdf.make_stream(b"BT /F1 24 Tf 57 780 Td (Nordlicht) Tj ET")


def with_script(pdf: pikepdf.Pdf) -> None:
    script = Dictionary(S=Name.JavaScript, JS="app.alert(1)")
    pdf.Root.OpenAction = script
    field = Dictionary(Type=Name.Annot, Subtype=Name.Widget, FT=Name.Btn, T="a", Rect=Array([0, 0, 50, 50]), A=script)
    pdf.pages[0].Annots = Array([pdf.make_indirect(field)])
    pdf.Root.AcroForm = Dictionary(Fields=Array([pdf.pages[0].Annots[0]]))
    pdf.attachments["virus.exe"] = b"MZ"


def with_transparency_and_cmyk(pdf: pikepdf.Pdf) -> None:
    page = pdf.pages[0]
    page.Resources = Dictionary(ExtGState=Dictionary(G=Dictionary(ca=0.3, BM=Name.Multiply)))
    page.Contents = pdf.make_stream(b"/G gs 1 0.4 0 0.2 k 57 700 200 100 re f")


def with_external_stream(pdf: pikepdf.Pdf) -> None:
    image = pdf.make_stream(b"", Type=Name.XObject, Subtype=Name.Image, Width=1, Height=1, BitsPerComponent=8)
    image.ColorSpace, image.F = Name.DeviceRGB, Dictionary(Type=Name.Filespec, F="/etc/passwd")
    pdf.pages[0].Resources = Dictionary(XObject=Dictionary(I=image))
    pdf.pages[0].Contents = pdf.make_stream(b"q 500 0 0 500 50 50 cm /I Do Q")


def made(change: Callable[[pikepdf.Pdf], None]) -> bytes:
    with pikepdf.open(io.BytesIO(letterhead())) as pdf:
        change(pdf)
        return saved(pdf)


@pytest.mark.parametrize("change", [with_text, with_script, with_transparency_and_cmyk, with_external_stream])
def test_documents_with_any_letterhead_stay_pdf_a(change: Callable[[pikepdf.Pdf], None]) -> None:
    file = render_pdf(invoice_of(INVOICE), letterhead=pages_of(made(change)))
    assert broken_rules(file) == []
    with opened(file) as pdf:
        assert not {"/OpenAction", "/AcroForm", "/AA"} & set(pdf.Root.keys())
        assert not pdf.attachments
        assert all("/Annots" not in page for page in pdf.pages)


def test_text_in_a_font_outside_the_file_is_drawn() -> None:
    blank, text = (len(pages_of(one)[0]) for one in (letterhead(content=b""), made(with_text)))
    assert text > blank + 1_000


def test_the_letterhead_is_beneath_each_page_and_not_in_the_text() -> None:
    lines = [{**LINE, "id": f"lin_01JD8X2V6PZ3QK7M5T9WR{place:05}"} for place in range(1, 61)]
    document = invoice_of({**INVOICE, "lines": lines})
    pages = pages_of(letterhead(pages=2))
    plain, printed = render_pdf(document), render_pdf(document, letterhead=pages)
    assert text_of(printed) == text_of(plain)
    assert render_pdf(document, letterhead=pages) == printed
    with opened(plain) as before, opened(printed) as after:
        assert len(before.pages) == len(after.pages) > 2
        assert all(_drawn(two) > _drawn(one) for one, two in zip(before.pages, after.pages, strict=True))


@pytest.mark.parametrize("depth", [20, 24])
def test_an_accepted_letterhead_with_nested_clips_is_printed(depth: int) -> None:
    file = render_pdf(invoice_of(INVOICE), letterhead=pages_of(_clipped(depth)))
    assert broken_rules(file) == []


def _clipped(depth: int) -> bytes:
    """Nested clips, of which PDF/A-3b allows 28 including those of the document."""
    clips = b"".join(b"q %d %d 400 400 re W n " % (place, place) for place in range(depth))
    return letterhead(content=clips + b"100 100 m 300 100 l 200 300 l f " + b"Q " * depth)


def _blended(pdf: pikepdf.Pdf) -> None:
    """1,400 shapes, each with a transparency of its own: 340 kB as SVG, but 620 kB on each page of a document."""
    states = {f"/G{place}": Dictionary(ca=0.1 + place / 1000, BM=Name.Multiply) for place in range(500)}
    pdf.pages[0].Resources = Dictionary(ExtGState=Dictionary(states))
    shapes = (
        b"q /G%d gs 1 0 0 rg %d %d 9 9 re f Q " % (place % 500, place % 491, place % 797) for place in range(1400)
    )
    pdf.pages[0].Contents = pdf.make_stream(b"".join(shapes))


def _drawn(page: pikepdf.Page) -> int:
    return len(pikepdf.parse_content_stream(page))


def test_the_same_file_gives_the_same_pages() -> None:
    assert pages_of(letterhead(pages=2)) == pages_of(letterhead(pages=2))


def _locked() -> bytes:
    with pikepdf.open(io.BytesIO(letterhead())) as pdf:
        return saved(pdf, pikepdf.Encryption(user="secret", owner="secret"))


def _bomb() -> bytes:
    """A file of 28 kilobytes whose shapes need more than half a gigabyte of memory."""
    once = zlib.compress(b"0 0 m 9 9 l S " * 1_000_000)
    with pikepdf.open(io.BytesIO(letterhead())) as pdf:
        pdf.pages[0].Contents = pdf.make_stream(b"")
        pdf.pages[0].Contents.write(zlib.compress(once), filter=TWICE)
        return saved(pdf)


def _font_bomb() -> bytes:
    """A small file whose font inflates to 310 MB."""
    with pikepdf.open(io.BytesIO(letterhead(content=b"BT /F1 20 Tf 100 500 Td (Text) Tj ET"))) as pdf:
        program = pdf.make_stream(b"")
        program.write(bombs.deflated(310), filter=TWICE)
        described = Dictionary(Type=Name.FontDescriptor, FontName=Name.Bomb, Flags=32, FontFile2=program)
        font = Dictionary(Type=Name.Font, Subtype=Name.TrueType, BaseFont=Name.Bomb, FontDescriptor=described)
        pdf.pages[0].Resources = Dictionary(Font=Dictionary(F1=font))
        return saved(pdf)


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        (b"", "must be a PDF"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "must be a PDF"),
        (b"%PDF-1.7 nothing more", "damaged"),
        (_locked(), "encrypted"),
        (letterhead(pages=3), "one or 2 pages"),
        (letterhead(size=(612, 792)), "A4"),
        (letterhead(size=(842, 595)), "A4"),
        (letterhead(content=b"0 0 m 9 9 l S " * 20_000), "too complex"),
        (_clipped(25), "too complex to be printed"),
        (_clipped(28), "too complex to be printed"),
        (made(_blended), "too complex to be printed"),
    ],
    ids=[
        "empty",
        "SVG",
        "no pages",
        "encrypted",
        "three pages",
        "letter",
        "landscape",
        "many shapes",
        "25 nested clips",
        "28 nested clips",
        "many blended shapes",
    ],
)
def test_an_unsuitable_letterhead_is_refused_with_its_reason(
    file: bytes, reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(UnsupportedFileType, match=reason) as refused:
        pages_of(file)
    assert [one.pointer for one in refused.value.errors] == ["/file"]
    assert list(tmp_path.iterdir()) == [], "no file is left"


@pytest.mark.parametrize("bomb", [_bomb, _font_bomb])
def test_a_bomb_ends_at_the_limit_of_memory(
    bomb: Callable[[], bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[subprocess.CompletedProcess[bytes]] = []
    run = subprocess.run

    def recorded(*arguments: Any, **more: Any) -> subprocess.CompletedProcess[bytes]:
        done.append(run(*arguments, **more))
        return done[0]

    monkeypatch.setattr(subprocess, "run", recorded)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    # A quarter of the real limit, since shapes are read slowly.
    monkeypatch.setattr(drawing, "MEMORY", drawing.MEMORY // 4)
    with pytest.raises(UnsupportedFileType, match="too complex to be printed"):
        pages_of(bomb())
    assert done[0].returncode != 0
    assert b"ValueError: too complex" not in done[0].stderr, "the whole page was drawn"
    assert list(tmp_path.iterdir()) == [], "no file is left"
