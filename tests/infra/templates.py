"""Reading of synthesized templates."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import App

Resource = dict[str, Any]
NO_BUNDLING: Mapping[str, Any] = {"aws:cdk:bundling-stacks": []}


@dataclass(frozen=True)
class Stack:
    """One template."""

    name: str
    template: dict[str, Any]
    assembly: Path

    @property
    def text(self) -> str:
        """The template as it is handed to CloudFormation."""
        return json.dumps(self.template, indent=1)

    def all(self, type_: str) -> dict[str, Resource]:
        """The properties of all resources of a type, by logical id."""
        return {
            id_: resource.get("Properties", {})
            for id_, resource in self.template["Resources"].items()
            if resource["Type"] == type_
        }

    def one(self, type_: str) -> Resource:
        """The properties of the only resource of a type."""
        [found] = self.all(type_).values()
        return found

    def functions(self) -> dict[str, Resource]:
        """The functions by the name of their operation."""
        return {
            properties["FunctionName"].split("-", 2)[2]: properties
            for properties in self.all("AWS::Lambda::Function").values()
        }

    def code_of(self, operation: str) -> list[str]:
        """The files that a function's code consists of."""
        asset = self.assembly / f"asset.{self.functions()[operation]['Code']['S3Key'].removesuffix('.zip')}"
        return [path.relative_to(asset).as_posix() for path in asset.rglob("*") if path.is_file()]

    def role_of(self, function: Resource) -> Resource:
        """The role that a function runs as."""
        role: Resource = self.template["Resources"][function["Role"]["Fn::GetAtt"][0]]["Properties"]
        return role

    def statements_of(self, operation: str) -> list[dict[str, Any]]:
        """All that a function may do."""
        role = self.role_of(self.functions()[operation])
        return [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]


@dataclass(frozen=True)
class Templates:
    """Both stacks of one deployment."""

    data: Stack
    service: Stack

    @property
    def both(self) -> tuple[Stack, Stack]:
        """Both."""
        return self.data, self.service


def templates_of(app: App) -> Templates:
    """The templates of an app."""
    assembly = app.synth()
    stacks = [Stack(stack.stack_name, stack.template, Path(assembly.directory)) for stack in assembly.stacks]
    [data] = (stack for stack in stacks if stack.name.endswith("-data"))
    [service] = (stack for stack in stacks if stack.name.endswith("-service"))
    return Templates(data, service)


def actions(statement: Mapping[str, Any]) -> list[str]:
    """The actions of a statement."""
    found = statement["Action"]
    return [found] if isinstance(found, str) else list(found)


def plain(value: Any) -> str:
    """A property with what CloudFormation puts in as `<name>`; exports by the last part of their name."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::ImportValue": name}:
            return f"<{name.split(':')[1]}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(plain(part) for part in parts)
    raise TypeError(value)
