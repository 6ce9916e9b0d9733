"""Reload of changed code into a running stack. Its data stays.

The code of a function and our own layer are replaced within seconds. A declaration (route, grants, layers) and the
infrastructure are part of the templates: they need a new start, which deploys them.
"""

import ast
import base64
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from infra.constructs import layer_build
from infra.local import deploy

if TYPE_CHECKING:
    from mypy_boto3_lambda import LambdaClient

_LAYER = "The invoicing package."
"""The description by which our own layer is found."""
_RELOADED = "invoicing-reloaded"
_WATCHED = ("functions/**/*.py", "layers/**/*", "infra/**/*.py", "infra/stages/*.toml")
type Versions = Mapping[str, tuple[int, int]]


def versions(root: Path) -> Versions:
    """The state of all sources: time of the last change and size by path."""
    found = {}
    for path in (path for pattern in _WATCHED for path in root.glob(pattern)):
        if path.is_file() and "__pycache__" not in path.parts:
            status = path.stat()
            found[path.relative_to(root).as_posix()] = (status.st_mtime_ns, status.st_size)
    return found


def changed(before: Versions, now: Versions) -> set[str]:
    """The sources that were changed, added or removed."""
    return {path for path in before.keys() | now.keys() if before.get(path) != now.get(path)}


class Reloader:
    """Replaces code in a running stack. It remembers the declarations that are deployed."""

    def __init__(self, endpoint: str, root: Path) -> None:
        self._lambda: LambdaClient = deploy.session().client("lambda", endpoint_url=endpoint)
        self.root = root
        self._functions = {one["Description"]: one["FunctionName"] for one in _functions(self._lambda)}
        self._declared = {file: _declarations((root / file).read_text()) for file in self._functions}

    def reload_outdated(self) -> Iterator[str]:
        """Replace all code that is not the one of the sources. Yields a line about each.

        A kept stack has the code that was reloaded into it; its deployment changes nothing if the templates are the
        same again.
        """
        deployed = {one["Description"]: one["CodeSha256"] for one in _functions(self._lambda)}
        for file in sorted(self._functions):
            if deployed[file] != _digest(deploy.zipped(self.root, [file])):
                yield self._function(file)
        yield from self._layer()

    def reload(self, paths: Iterable[str]) -> Iterator[str]:
        """Replace the code of these sources. Yields a line about each."""
        of_layer = False
        for path in sorted(paths):
            if path.startswith("layers/invoicing/python/"):
                of_layer = True
            elif path in self._functions and (self.root / path).is_file():
                yield self._function(path)
            elif not path.endswith(".md") and not path.startswith("infra/local/"):
                yield f"{path} changed: start `invoicing local` again to deploy it; --keep keeps the data."
        if of_layer:
            yield from self._layer()

    def _function(self, file: str) -> str:
        try:
            declared = _declarations((self.root / file).read_text(encoding="utf-8"))
        except SyntaxError as error:
            return f"{file} is not loaded: {error.msg} (line {error.lineno})."
        name = self._functions[file]
        self._lambda.update_function_code(FunctionName=name, ZipFile=deploy.zipped(self.root, [file]))
        if declared != self._declared[file]:
            return f"{name}: code reloaded; start again to deploy its changed declaration."
        return f"{name} reloaded."

    def _layer(self) -> Iterator[str]:
        try:
            built = layer_build.own_code(root=self.root)
        except layer_build.LayerNotBuilt as error:
            yield f"The layer is not loaded: {error}"
            return
        content = deploy.zipped(built)
        versions = self._versions_of_layer()
        current = {version for version, digest in versions.items() if digest == _digest(content)}
        new = (
            min(current, default=None)
            or self._lambda.publish_layer_version(
                LayerName=_RELOADED, Description=_LAYER, Content={"ZipFile": content}
            )["LayerVersionArn"]
        )
        outdated = versions.keys() - current
        using = 0
        for one in _functions(self._lambda):
            attached = [layer["Arn"] for layer in one.get("Layers", ())]
            if outdated.intersection(attached):
                replaced = [new if arn in outdated else arn for arn in attached]
                self._lambda.update_function_configuration(FunctionName=one["FunctionName"], Layers=replaced)
                using += 1
        for version in outdated:
            if _name(version) == _RELOADED:
                self._lambda.delete_layer_version(LayerName=_RELOADED, VersionNumber=int(version.rpartition(":")[2]))
        if using:
            yield f"The layer is reloaded in {using} functions."

    def _versions_of_layer(self) -> dict[str, str]:
        """The versions of our own layer, one for each stack and those that were reloaded, with their hashes."""
        layers = [one for page in self._lambda.get_paginator("list_layers").paginate() for one in page["Layers"]]
        names = [one["LayerName"] for one in layers if one["LatestMatchingVersion"].get("Description") == _LAYER]
        paginator = self._lambda.get_paginator("list_layer_versions")
        pages = [page for name in names for page in paginator.paginate(LayerName=name)]
        arns = [version["LayerVersionArn"] for page in pages for version in page["LayerVersions"]]
        return {arn: self._lambda.get_layer_version_by_arn(Arn=arn)["Content"]["CodeSha256"] for arn in arns}


def _functions(client: "LambdaClient") -> Iterator[Any]:
    for page in client.get_paginator("list_functions").paginate():
        yield from page["Functions"]


def _declarations(source: str) -> list[str]:
    """The declaration of a function: the decorators of its handler."""
    handlers = (node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef))
    return [ast.dump(decorator) for node in handlers if node.name == "handler" for decorator in node.decorator_list]


def _digest(content: bytes) -> str:
    """The hash by which Lambda identifies code."""
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def _name(version: str) -> str:
    """The name of the layer in a version's ARN."""
    return version.split(":")[-2]
