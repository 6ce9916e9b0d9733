"""The Lambda layers: packages for all functions, packages for some, and our own code."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from aws_cdk import AssetHashType, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs import layer_build
from infra.constructs.layer_build import ROOT, Machine

_MACHINES: Final[dict[str, Machine]] = {"arm64": "aarch64", "x86_64": "x86_64"}


def packages_layer(scope: Construct, name: str, architecture: lambda_.Architecture) -> lambda_.LayerVersion:
    """Pinned packages: `dependencies`, which all functions need, or those of a `Layer`."""
    machine = _MACHINES[architecture.name]
    return lambda_.LayerVersion(
        scope,
        name.title(),
        code=_code(scope, ROOT / "layers" / name, lambda: layer_build.packages(name, machine)),
        compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        compatible_architectures=[architecture],
        description=f"Pinned packages: {name}.",
    )


def invoicing_layer(scope: Construct) -> lambda_.LayerVersion:
    """Our own code, which all functions share."""
    return lambda_.LayerVersion(
        scope,
        "Invoicing",
        code=_code(scope, ROOT / "layers" / "invoicing", layer_build.own_code),
        compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        description="The invoicing package.",
    )


def _code(scope: Construct, source: Path, build: Callable[[], Path]) -> lambda_.Code:
    # As in the CDK's own bundling. Without this, the template would have the source instead of the layer.
    if not Stack.of(scope).bundling_required:
        return lambda_.Code.from_asset(str(source), exclude=["**/__pycache__", "**/README.md"])
    built = build()
    return lambda_.Code.from_asset(
        str(built), asset_hash=layer_build.fingerprint(built), asset_hash_type=AssetHashType.CUSTOM
    )
