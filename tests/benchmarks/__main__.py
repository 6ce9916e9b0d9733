"""All benchmarks in one table: ratios of values that are measured side by side in one run.

    uv run --group benchmarks python -m tests.benchmarks                    all sections
    uv run --group benchmarks python -m tests.benchmarks lists runs         some of them
    uv run --group benchmarks python -m tests.benchmarks --save             also writes figures.json, for the README

The PDFs are compared with WeasyPrint, which needs Pango on the machine.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from tests.benchmarks.figures import PROCESSES, SECTIONS, Figure, start

FILE = Path(__file__).with_name("figures.json")


def main() -> None:
    """Measure, print, and save on request."""
    parser = argparse.ArgumentParser(prog="tests.benchmarks")
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="sections to run; all without any")
    parser.add_argument("--save", action="store_true", help="write the figures to the file that the README shows")
    parser.add_argument("--processes", type=int, default=PROCESSES, help="fresh processes of each start (%(default)s)")
    options = parser.parse_args()
    sections: dict[str, Callable[[], Iterator[Figure]]] = {**SECTIONS, "start": partial(start, options.processes)}
    saved = json.loads(FILE.read_text()) if FILE.exists() else {}
    for name in options.sections or SECTIONS:
        found = list(sections[name]())
        sys.stdout.write("".join(f"{_line(figure)}\n" for figure in found))
        sys.stdout.flush()
        saved[name] = {"measured": datetime.now(UTC).date().isoformat(), "figures": [list(one) for one in found]}
        if options.save:
            ordered = {section: saved[section] for section in SECTIONS if section in saved}
            FILE.write_text(json.dumps(ordered, indent=1, ensure_ascii=False) + "\n")


def _line(figure: Figure) -> str:
    return f"{figure.name:48}{figure.ours:40}{figure.compared:40}{figure.ratio:>6}"


if __name__ == "__main__":
    main()
