"""The registry with the schema of each event, where the AWS console and IDEs find it and generate classes."""

from aws_cdk import aws_eventschemas as schemas
from constructs import Construct

from infra.event_registry import registered
from infra.settings import Settings


def schema_registry(scope: Construct, settings: Settings) -> None:
    """The registry of the stage. A changed schema becomes a new version in it."""
    registry = schemas.CfnRegistry(
        scope, "Schemas", registry_name=settings.name, description="Events on the bus of this stage."
    )
    for name, content in registered().items():
        schema = schemas.CfnSchema(
            scope, f"Schema-{name}", registry_name=settings.name, schema_name=name, type="OpenApi3", content=content
        )
        schema.add_dependency(registry)
