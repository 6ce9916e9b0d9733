"""The Lambda workers of the embedded AWS share their unpacked layers, and few of them wait for work.

Each worker would unpack its own copy: with a hundred functions that takes gigabytes, and seconds at each cold start.
Each function would keep its workers of about 60 MB: two stacks in which all functions ran would fill 20 GB.
"""

import base64
import copy
import hashlib
import io
import os
import shutil
import threading
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack.core import lambda_runtime  # type: ignore[import-untyped]
from ministack.services import lambda_svc  # type: ignore[import-untyped]

_FOLDERS = "_LAMBDA_LAYERS_DIRS"
"""The variable from which a worker takes the folders of its layers."""
_unpacking = threading.Lock()


def share_layers(folder: Path) -> None:
    """From now on, unpack each layer once, into a folder under this one."""
    chosen = lambda_runtime._worker_class_for

    def shared(config: Mapping[str, Any]) -> Any:
        worker = chosen(config)
        return worker if worker is not lambda_runtime.Worker else _with_shared_layers(worker, folder)

    lambda_runtime._worker_class_for = shared


def limit_idle_workers(most: int) -> None:
    """From now on, each start of a worker ends the longest idle ones above this number."""
    chosen = lambda_runtime._worker_class_for

    def limited(config: Mapping[str, Any]) -> Any:
        # ministack calls this with its lock held, so no worker is leased meanwhile. Ending takes up to seconds.
        if ended := _longest_idle(most):
            threading.Thread(target=lambda_runtime.kill_workers, args=(ended,), daemon=True).start()
        return chosen(config)

    lambda_runtime._worker_class_for = limited


def _longest_idle(most: int) -> list[Any]:
    """Remove the longest idle workers above a number from the pools."""
    idle = [worker for pool in lambda_runtime._workers.values() for worker in pool if not worker.in_use]
    ended = sorted(idle, key=lambda worker: worker.last_used)[: max(0, len(idle) - most)]
    for pool in lambda_runtime._workers.values():
        pool[:] = [worker for worker in pool if worker not in ended]
    return ended


def _with_shared_layers(worker: Any, folder: Path) -> Any:
    def start(name: str, config: Mapping[str, Any], code: bytes) -> Any:
        own = copy.deepcopy(dict(config))
        layers = [unpacked(one, folder) for one in own.pop("Layers", [])]
        variables = own.setdefault("Environment", {}).setdefault("Variables", {})
        variables[_FOLDERS] = os.pathsep.join(map(str, layers))
        return worker(name, own, code)

    return start


def unpacked(layer: str | Mapping[str, Any], folder: Path) -> Path:
    """The folder of an attached layer. Layers of the same content share one. Removes the folders of deleted layers."""
    content = lambda_svc._resolve_layer_zip(layer)
    if content is None:
        raise RuntimeError(f"There is no layer {layer}.")
    place = folder / hashlib.sha256(content).hexdigest()
    with _unpacking:
        if not place.is_dir():
            _remove_deleted(folder)
            draft = place.with_suffix(".draft")
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                archive.extractall(draft)
            draft.rename(place)
    return place


def _remove_deleted(folder: Path) -> None:
    versions = [version for layer in lambda_svc._layers._data.values() for version in layer["versions"]]
    stored = {base64.b64decode(version["Content"]["CodeSha256"]).hex() for version in versions}
    for place in folder.glob("*"):
        if place.name not in stored:
            shutil.rmtree(place, ignore_errors=True)
