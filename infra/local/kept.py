"""The state that the embedded AWS keeps for its next start."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ministack.app  # type: ignore[import-untyped]
from ministack.core import persistence  # type: ignore[import-untyped]
from ministack.services import lambda_svc  # type: ignore[import-untyped]

ENABLED: bool = persistence.PERSIST_STATE
_CONTENT, _REFERENCE = "_zip_data", "_zip_file"


def save() -> None:
    """Save the state of all services."""
    persistence.save_all(ministack.app._build_persistence_save_dict())


def store_layers_as_files() -> None:
    """Keep the content of layers in files beside the state.

    ministack would write it as text into the state, once for each stack: half a gigabyte, which takes a minute to read.
    """
    get_state, load = lambda_svc.get_state, lambda_svc.load_persisted_state
    folder = Path(persistence.STATE_DIR, "layers")

    def without_content() -> Any:
        state = get_state()
        folder.mkdir(parents=True, exist_ok=True)
        for version in _versions(state):
            content = version.pop(_CONTENT) or b""
            version[_REFERENCE] = hashlib.sha256(content).hexdigest()
            _write(folder / version[_REFERENCE], content)
        for file in folder.iterdir():
            if file.name not in {version[_REFERENCE] for version in _versions(state)}:
                file.unlink()
        return state

    def with_content(state: Any) -> None:
        for version in _versions(state):
            version[_CONTENT] = (folder / version.pop(_REFERENCE)).read_bytes()
        load(state)

    lambda_svc.get_state, lambda_svc.load_persisted_state = without_content, with_content


def _versions(state: Any) -> Iterator[dict[str, Any]]:
    for layer in state["layers"]._data.values():
        yield from layer["versions"]


def _write(file: Path, content: bytes) -> None:
    if not file.exists():
        draft = file.with_suffix(".draft")
        draft.write_bytes(content)
        draft.replace(file)
