"""The Lambda layers: what all functions need, what some need beyond that, and our own code."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

from aws_cdk import AssetHashType, Stack
from aws_cdk import aws_lambda as lambda_
from constructs import Construct

from infra.constructs import layer_build
from infra.constructs.layer_build import ROOT, Machine

_MACHINES: Final[dict[str, Machine]] = {"arm64": "aarch64", "x86_64": "x86_64"}


def dependencies_layer(scope: Construct, architecture: lambda_.Architecture) -> lambda_.LayerVersion:
    """The packages that every function needs."""
    return _packages_layer(scope, "Dependencies", "dependencies", architecture)


def attachments_layer(scope: Construct, architecture: lambda_.Architecture) -> lambda_.LayerVersion:
    """The packages that only functions need which take files and HTML."""
    return _packages_layer(scope, "Attachments", "attachments", architecture)


def documents_layer(scope: Construct, architecture: lambda_.Architecture) -> lambda_.LayerVersion:
    """The packages that only functions need which render documents."""
    return _packages_layer(scope, "Documents", "documents", architecture)


def facturx_layer(scope: Construct, architecture: lambda_.Architecture) -> lambda_.LayerVersion:
    """The package that only the function needs which puts e-invoices into PDFs."""
    return _packages_layer(scope, "Facturx", "facturx", architecture)


def tokens_layer(scope: Construct, architecture: lambda_.Architecture) -> lambda_.LayerVersion:
    """The packages that only the authorizer needs, to verify tokens."""
    return _packages_layer(scope, "Tokens", "tokens", architecture)


def invoicing_layer(scope: Construct) -> lambda_.LayerVersion:
    """Our own code, which all functions share."""
    return lambda_.LayerVersion(
        scope,
        "Invoicing",
        code=_code(scope, ROOT / "layers" / "invoicing", layer_build.own_code),
        compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        description="The invoicing package.",
    )


def _packages_layer(scope: Construct, id_: str, name: str, architecture: lambda_.Architecture) -> lambda_.LayerVersion:
    machine = _MACHINES[architecture.name]
    return lambda_.LayerVersion(
        scope,
        id_,
        code=_code(scope, ROOT / "layers" / name, lambda: layer_build.packages(name, machine)),
        compatible_runtimes=[lambda_.Runtime.PYTHON_3_13],
        compatible_architectures=[architecture],
        description=f"Pinned packages: {name}.",
    )


def _code(scope: Construct, source: Path, build: Callable[[], Path]) -> lambda_.Code:
    # What the CDK's own bundling asks, too; without it a template has the source in the layer's place.
    if not Stack.of(scope).bundling_required:
        return lambda_.Code.from_asset(str(source), exclude=["**/__pycache__"])
    built = build()
    return lambda_.Code.from_asset(
        str(built), asset_hash=layer_build.fingerprint(built), asset_hash_type=AssetHashType.CUSTOM
    )
