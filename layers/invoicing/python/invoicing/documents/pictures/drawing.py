"""The program that draws the pages of a PDF as SVG: `python drawing.py FOLDER`, where the folder has the file.

It runs in a process of its own, because a small PDF can require any amount of memory and time. The typesetter's reader
of PDFs executes no scripts and loads no other files, and draws text as outlines, so its SVG needs no fonts.
"""

import json
import resource
import sys
from pathlib import Path

MEMORY, SECONDS = 1_200_000_000, 10
"""Bytes of address space and seconds of processor time."""
MOST_BYTES = 1_000_000
"""Bytes of a page as SVG. Each page of each document contains it, in about a tenth of that."""
MOST_PAGES = 2
FILE = "letterhead.pdf"
"""Name of the PDF in the folder."""
_PAGE = f"""
#set page(width: auto, height: auto, margin: 0pt, fill: none)
#image("{FILE}", page: int(sys.inputs.page))
"""


def drawn(folder: Path) -> list[str]:
    """The pages of the PDF in a folder, up to one more than allowed, as SVG in their own size."""
    import typst

    pages: list[str] = []
    (folder / "page.typ").write_text(_PAGE)
    fonts = typst.Fonts(include_system_fonts=False)
    compiler = typst.Compiler(folder / "page.typ", root=folder, font_paths=fonts)
    for number in range(1, MOST_PAGES + 2):
        try:
            made = compiler.compile(format="svg", sys_inputs={"page": str(number)})
        except typst.TypstError as error:
            if number > 1 and "does not exist" in error.message:
                break
            raise
        if not isinstance(made, bytes) or len(made) > MOST_BYTES:
            raise ValueError("too complex")
        pages.append(made.decode())
    return pages


def main() -> None:
    """Draw the PDF within the limits."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.stdout.write(json.dumps(drawn(Path(sys.argv[1]))))


if __name__ == "__main__":
    main()
