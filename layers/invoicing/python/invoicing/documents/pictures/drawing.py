"""The program that draws the pages of a PDF as SVG: `python drawing.py FOLDER MEMORY`. The folder has the file.

It runs in a process of its own, because a small PDF can require any amount of memory and time. The typesetter's reader
of PDFs executes no scripts and loads no other files, and draws text as outlines, so its SVG needs no fonts.

Each page is also printed once, as documents print it. PDF/A-3b has limits of its own, such as the depth of nested
graphics states, and rendering an issued document must not fail because of its letterhead.
"""

import json
import resource
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import typst

MEMORY, SECONDS = 1_200_000_000, 10
"""Bytes of address space and seconds of processor time."""
MOST_BYTES = 1_000_000
"""Bytes of a page as SVG, which each rendering of a document reads."""
MOST_PRINTED_BYTES = 500_000
"""Bytes of a page as PDF, which each page of a document contains. 1,000 blended shapes, 242 kB as SVG, need 445 kB."""
MOST_PAGES = 2
FILE = "letterhead.pdf"
"""Name of the PDF in the folder."""
_PAGE = f"""
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#image("{FILE}", page: int(sys.inputs.page))
"""
_PRINT = """
#set document(title: "Letterhead")
#let beneath = image(bytes(sys.inputs.page), format: "svg", width: 100%, height: 100%)
#set page(paper: "a4", background: place(top + left, beneath))
#h(0pt)
"""


def drawn(folder: Path) -> list[str]:
    """The pages of the PDF in a folder, up to one more than allowed, as SVG in their own size.

    Raises an error if a page cannot be printed beneath documents, or is too complex for them.
    """
    import typst

    pages: list[str] = []
    page_svg, print_page = (
        _compiler(folder / name, text) for name, text in (("page.typ", _PAGE), ("print.typ", _PRINT))
    )
    for number in range(1, MOST_PAGES + 2):
        try:
            made = page_svg.compile(format="svg", sys_inputs={"page": str(number)})
        except typst.TypstError as error:
            if number > 1 and "does not exist" in error.message:
                break
            raise
        page = _at_most(MOST_BYTES, made).decode()
        printed = print_page.compile(format="pdf", sys_inputs={"page": page}, pdf_standards="a-3b", timestamp=0)
        _at_most(MOST_PRINTED_BYTES, printed)
        pages.append(page)
    return pages


def _compiler(file: Path, text: str) -> "typst.Compiler":
    import typst

    file.write_text(text)
    return typst.Compiler(file, root=file.parent, font_paths=typst.Fonts(include_system_fonts=False))


def _at_most(size: int, made: object) -> bytes:
    if not isinstance(made, bytes) or len(made) > size:
        raise ValueError("too complex")
    return made


def main() -> None:
    """Draw the PDF within the limits."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    memory = int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    sys.stdout.write(json.dumps(drawn(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
