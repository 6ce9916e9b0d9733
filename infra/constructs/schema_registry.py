"""The registry with the schema of each event, where the AWS console and IDEs find it and generate classes."""

from aws_cdk import aws_eventschemas as schemas
from constructs import Construct

from infra.event_registry import registered, registry_of
from infra.settings import Settings


def schema_registry(scope: Construct, settings: Settings) -> None:
    """The registries of the stage. A changed schema becomes a new version in it."""
    registries: dict[str, schemas.CfnRegistry] = {}
    for name, content in registered().items():
        registry_name = registry_of(name, settings.name)
        if registry_name not in registries:
            id_ = "Schemas" + registry_name.removeprefix(settings.name)
            described = "Events on the bus of this stage."
            registries[registry_name] = schemas.CfnRegistry(
                scope, id_, registry_name=registry_name, description=described
            )
        schema = schemas.CfnSchema(
            scope, f"Schema-{name}", registry_name=registry_name, schema_name=name, type="OpenApi3", content=content
        )
        schema.add_dependency(registries[registry_name])
