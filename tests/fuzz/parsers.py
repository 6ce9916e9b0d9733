"""Coverage-guided fuzzing of all parsers of foreign forms, names, files and HTML.

    uv run --group fuzz python -m tests.fuzz.parsers -max_total_time=60

Each generated input is accepted, or refused as the contract defines. Any other outcome ends the run, and the input is
stored in this folder as `crash-…`.
"""

import importlib
import os
import sys
import tempfile
from pathlib import Path

# Of the group `fuzz`, which is not installed on most machines, so its types are unknown.
atheris = importlib.import_module("atheris")

with atheris.instrument_imports(include=["invoicing.http", "invoicing.notes.files", "python_multipart"]):
    from invoicing.core.errors import Category, DomainError
    from invoicing.core.model import clean
    from invoicing.core.stored_file import Form
    from invoicing.documents.markup import sanitized
    from invoicing.http.form import parse_form
    from invoicing.notes.files import KINDS, safe_name
    from invoicing.notes.model import received
    from tests.builders import NOON
    from tests.forms import GOOD, form
    from tests.harmless import require_harmless, require_inert


class _Note(Form):
    note: str | None = None


def one(data: bytes) -> None:
    """Read the same bytes with each parser of client input."""
    boundary, _, body = data.partition(b"\n")
    content_type = "multipart/form-data; boundary=" + boundary.decode("latin-1")
    try:
        note = parse_form(_Note, body, content_type)
        for file, _content in received(note.files, NOON):
            require_harmless(file.name)
    except DomainError as refused:
        if refused.category is Category.UNAVAILABLE:
            raise  # An error of the service.
    text = clean(data.decode(errors="replace"))
    require_harmless(safe_name(text))
    require_inert(sanitized(text).html)
    for kind in KINDS.values():
        kind.is_it(data)


def main() -> None:
    """Begin with a valid form of each kind of file."""
    with tempfile.TemporaryDirectory() as corpus:
        for number, file in enumerate(GOOD):
            body, content_type = form({"note": "<b>x</b>"}, [file])
            boundary = content_type.partition("boundary=")[2]
            (Path(corpus) / str(number)).write_bytes(boundary.encode() + b"\n" + body)
        # The fuzzer ends its process at once, without cleanup.
        if (fuzzer := os.fork()) == 0:
            atheris.Setup([*sys.argv, "-max_len=4096", corpus], one)
            atheris.Fuzz()
        _, status = os.waitpid(fuzzer, 0)
    sys.exit(os.waitstatus_to_exitcode(status))


if __name__ == "__main__":
    main()
