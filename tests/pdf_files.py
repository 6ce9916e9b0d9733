"""The files in a PDF, and the rules of PDF/A-3b that it breaks."""

import io
import re
from collections.abc import Iterator

import pikepdf
from pikepdf import pdfa

# The checker does not approve two kinds of metadata: schemas that a file describes itself, and two schemas of Adobe
# that PDF/A-3 takes over from XMP. This file checks the first; Typst writes the second.
DESCRIBED = ("ISO_19005_3:6.6.2.3.1-1", "ISO_19005_3:6.6.2.3.1-2")
# It does not compare the glyphs of a TrueType font with the file's list of them, as this file does.
UNCHECKED = "/CIDSet on a CIDFontType2 subset is not checked"
KNOWN = re.compile(r"XMP (namespace|property) (fx|pdfaExtension|pdfaSchema|pdfaProperty|xmpTPg)[:=]|xmpMM:History")


def embedded(file: bytes) -> dict[str, bytes]:
    """The files in a PDF by their names."""
    with pikepdf.open(io.BytesIO(file)) as pdf:
        return {name: attached.get_file().read_bytes() for name, attached in pdf.attachments.items()}


def broken_rules(file: bytes) -> list[str]:
    """The violations of PDF/A-3b in a file."""
    findings = pdfa.validate_written(io.BytesIO(file), "3b").findings
    unknown = [one for one in findings if not (one.rule in DESCRIBED and KNOWN.search(one.message))]
    left_out = {"CIDFontType0: CFF FDArray FontMatrix is not supported", UNCHECKED}
    return [str(one) for one in unknown if one.message not in left_out] + list(miscounted(file))


def miscounted(file: bytes) -> Iterator[str]:
    """TrueType fonts whose list of glyphs is not that of the font: ISO 19005-3, 6.2.11.4.2."""
    with pikepdf.open(io.BytesIO(file)) as pdf:
        for font in fonts_of(pdf):
            descriptor = font.FontDescriptor
            program, listed = descriptor.FontFile2.read_bytes(), descriptor.CIDSet.read_bytes()
            glyphs = int.from_bytes(program[(at := _table(program, b"maxp") + 4) : at + 2])
            if font.CIDToGIDMap != "/Identity" or f"{int.from_bytes(listed):b}".rstrip("0") != "1" * glyphs:
                yield f"6.2.11.4.2 {font.BaseFont}"


def _table(program: bytes, tag: bytes) -> int:
    """The offset of a table in a TrueType font."""
    [entry] = [at for at in range(12, 12 + 16 * int.from_bytes(program[4:6]), 16) if program[at : at + 4] == tag]
    return int.from_bytes(program[entry + 8 : entry + 12])


def fonts_of(pdf: pikepdf.Pdf) -> list[pikepdf.Dictionary]:
    objects = (one for one in pdf.objects if isinstance(one, pikepdf.Dictionary))
    return [one for one in objects if one.get("/Subtype") == "/CIDFontType2"]
