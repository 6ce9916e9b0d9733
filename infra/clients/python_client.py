"""The Python client: generated from the OpenAPI document, with retries, paging and downloads beside it."""

import shutil
import tempfile
from pathlib import Path

from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType

from infra import openapi

PACKAGE = "invoicing_api_client"
_PARTS = Path(__file__).with_name("python")
_FILES = ("application/pdf", "application/xml")
"""Media types that the generator does not know. They are files, as octet streams are."""


class NotGenerated(Exception):
    """The generator did not understand a part of the document. The message is one line for each."""


def build(output: Path) -> None:
    """Write the client into a folder, as a package that `pip install` accepts. Replaces one that is there."""
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        document = Path(folder) / "openapi.json"
        document.write_text(openapi.text(), encoding="utf-8")
        _generate(document, output / PACKAGE)
    # Type checkers read the annotations of a package only if it has this file (PEP 561).
    (output / PACKAGE / "py.typed").touch()
    for part in _PARTS.iterdir():
        if part.is_file():
            shutil.copy(part, output / PACKAGE if part.suffix == ".py" else output)


def _generate(document: Path, package: Path) -> None:
    settings = ConfigFile(content_type_overrides=dict.fromkeys(_FILES, "application/octet-stream"), post_hooks=[])
    config = Config.from_sources(
        settings, MetaType.NONE, document, file_encoding="utf-8", overwrite=True, output_path=package
    )
    problems = generate(config=config)
    if problems:
        raise NotGenerated("\n".join(f"{one.header} {one.detail or ''}" for one in problems))
