"""Checks of uploaded files do not exhaust time or memory."""

import tracemalloc

import pytest

from invoicing.core.errors import DomainError
from invoicing.notes.errors import UnsupportedFileType
from invoicing.notes.files import declared_kind, require_content

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
DEEP = b"<a>" * 1_000_000
MANY = b"".join(b"PK\x01\x02" + bytes(42) for _ in range(50_000))


@pytest.mark.parametrize(
    ("name", "content_type", "content"), [("a.xml", "application/xml", DEEP), ("a.docx", WORD, MANY)]
)
def test_a_file_that_would_exhaust_memory_is_refused(name: str, content_type: str, content: bytes) -> None:
    kind = declared_kind(name, content_type, pointer="")
    tracemalloc.start()
    refusal: DomainError | None = None
    try:
        require_content(kind, content, pointer="")
    except UnsupportedFileType as refused:
        refusal = refused
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert refusal is not None
    assert most < 3_000_000


def test_a_large_valid_xml_is_accepted() -> None:
    kind = declared_kind("a.xml", "application/xml", pointer="")
    require_content(kind, b"<x>" + b"<a><b>text</b></a>" * 100_000 + b"</x>", pointer="")
