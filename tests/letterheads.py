"""Letterheads as PDF files."""

import io

import pikepdf

A4 = (595, 842)
RULE = b"0.04 0.35 0.63 rg 57 770 481 3 re f"


def letterhead(*, pages: int = 1, size: tuple[int, int] = A4, content: bytes = RULE) -> bytes:
    """A PDF with a rule at the head of each page."""
    with pikepdf.new() as pdf:
        for _ in range(pages):
            pdf.add_blank_page(page_size=size).Contents = pdf.make_stream(content)
        return saved(pdf)


def saved(pdf: pikepdf.Pdf, encryption: pikepdf.Encryption | None = None) -> bytes:
    """The bytes of a PDF."""
    made = io.BytesIO()
    pdf.save(made, encryption=encryption or False)
    return made.getvalue()
