"""The part of the AWS SDK's data that the functions use: botocore reads the model of a service to make its client.

The operations follow from the grants, because a function can call nothing else.
"""

import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import Loader

from invoicing.aws.grants import Grant

_SERVICES = {"ses": "sesv2"}
"""botocore's name of a service where IAM has another one."""
_OPERATIONS = {
    "dynamodb:ConditionCheckItem": ("TransactWriteItems",),
    "s3:GetObject": ("GetObject", "HeadObject"),
    # botocore takes the URL of a presigned form from the model of CreateBucket, which no function calls.
    "s3:PutObject": ("PutObject", "CreateBucket"),
    # S3 reports a missing object only to callers with this permission.
    "s3:ListBucket": (),
}
"""The operations behind an IAM action whose name is not that of an operation."""
_OF_ALL_SERVICES = ("_retry", "endpoints", "partitions", "sdk-default-configuration")
_RULES = "endpoint-rule-set-1"


def operations() -> dict[str, list[str]]:
    """The operations that functions may call, by botocore's name of the service."""
    found: dict[str, list[str]] = {}
    for action in sorted({one for grant in Grant for one in grant.actions}):
        prefix, _, name = action.partition(":")
        if called := _OPERATIONS.get(action, (name,)):
            found.setdefault(_SERVICES.get(prefix, prefix), []).extend(called)
    return found


def trim(packages: Path) -> None:
    """Reduce botocore's data in a folder of packages to these operations; remove boto3's resources, which none uses."""
    shutil.rmtree(packages / "boto3" / "data")
    shutil.rmtree(packages / "boto3" / "examples")
    data = packages / "botocore" / "data"
    loader = Loader(extra_search_paths=[str(data)], include_default_search_paths=False)
    kept = {Path(name): loader.load_data(name) for name in _OF_ALL_SERVICES}
    prefixes = set()
    for service, called in operations().items():
        folder = Path(service, loader.determine_latest_version(service, "service-2"))
        model = _reduced(loader.load_service_model(service, "service-2"), called)
        prefixes.add(model["metadata"]["endpointPrefix"])
        kept[folder / "service-2"] = model
        kept[folder / _RULES] = loader.load_service_model(service, _RULES)
    for partition in kept[Path("endpoints")]["partitions"]:
        partition["services"] = {name: one for name, one in partition["services"].items() if name in prefixes}
    shutil.rmtree(data)
    for path, content in kept.items():
        _write(data / f"{path}.json", content)


def _reduced(service: Mapping[str, Any], called: Iterable[str]) -> dict[str, Any]:
    """A service's model with the shapes of these operations: their inputs, outputs and errors."""
    operations = {name: service["operations"][name] for name in sorted(called)}
    return {**service, "operations": operations, "shapes": _reachable(operations, service["shapes"])}


def _reachable(operations: Mapping[str, Any], shapes: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    waiting = list(_references(operations))
    while waiting:
        name = waiting.pop()
        if name not in found:
            found[name] = shapes[name]
            waiting += _references(shapes[name])
    return dict(sorted(found.items()))


def _references(model: Any) -> Iterator[str]:
    """The names of the shapes that a part of a model refers to."""
    if isinstance(model, Mapping):
        for key, value in model.items():
            if key == "shape" and isinstance(value, str):
                yield value
            else:
                yield from _references(value)
    elif isinstance(model, list):
        for value in model:
            yield from _references(value)


def _write(file: Path, content: Any) -> None:
    # Not compressed: decompression takes longer than reading, at every start.
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(_undocumented(content), separators=(",", ":")))


def _undocumented(content: Any) -> Any:
    """The same without its descriptions. A member of a shape with such a name is no text, so it stays."""
    if isinstance(content, dict):
        return {
            # botocore reads the descriptions of these few.
            key: value if key == "clientContextParams" else _undocumented(value)
            for key, value in content.items()
            if not (key in {"documentation", "description"} and isinstance(value, str))
        }
    return [_undocumented(one) for one in content] if isinstance(content, list) else content
