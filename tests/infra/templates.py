"""Reading of synthesized templates."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from aws_cdk import App

Resource = dict[str, Any]
NO_BUNDLING: Mapping[str, Any] = {"aws:cdk:bundling-stacks": []}
STAGES = Path(__file__).with_name("stages")
"""Stages of tests only."""


@dataclass(frozen=True)
class Stack:
    """One template."""

    name: str
    template: dict[str, Any]
    assembly: Path

    @property
    def file(self) -> Path:
        """The template as it is uploaded to CloudFormation."""
        return self.assembly / f"{self.name}.template.json"

    @property
    def text(self) -> str:
        """The template as text."""
        return json.dumps(self.template)

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
        """All permissions of a function."""
        role = self.role_of(self.functions()[operation])
        return [one for policy in role["Policies"] for one in policy["PolicyDocument"]["Statement"]]


@dataclass(frozen=True)
class Templates:
    """All stacks of one deployment, in the order in which they are deployed."""

    stacks: tuple[Stack, ...]

    @property
    def data(self) -> Stack:
        """The stack with the data."""
        [found] = (stack for stack in self.stacks if stack.name.endswith("-data"))
        return found

    @property
    def api(self) -> Stack:
        """The stack with the gateway."""
        [found] = (stack for stack in self.stacks if stack.name.endswith("-service"))
        return found

    @property
    def of_functions(self) -> tuple[Stack, ...]:
        """The stacks with the functions."""
        return tuple(stack for stack in self.stacks if not stack.name.endswith(("-replica", "-data", "-service")))

    @cached_property
    def service(self) -> Stack:
        """The stacks of functions and gateway, merged: for rules that apply to resources in any of them."""
        return _merged("service", [*self.of_functions, self.api])


def _merged(name: str, stacks: Iterable[Stack]) -> Stack:
    merged: dict[str, Any] = {}
    for stack in stacks:
        for part, entries in stack.template.items():
            if not isinstance(entries, dict) or part == "Rules":
                continue
            into = merged.setdefault(part, {})
            for id_, entry in entries.items():
                # Each stack has layers and alarms of the same ids.
                into[id_ if into.get(id_, entry) == entry else f"{stack.name}.{id_}"] = entry
        assembly = stack.assembly
    return Stack(name, merged, assembly)


def templates_of(app: App) -> Templates:
    """The templates of an app."""
    assembly = app.synth()
    return Templates(
        tuple(Stack(stack.stack_name, stack.template, Path(assembly.directory)) for stack in assembly.stacks)
    )


def actions(statement: Mapping[str, Any]) -> list[str]:
    """The actions of a statement."""
    found = statement["Action"]
    return [found] if isinstance(found, str) else list(found)


def plain(value: Any) -> str:
    """A property with each reference as `<name>`; a reference to another stack by the name of its output."""
    match value:
        case str():
            return value
        case {"Ref": name}:
            return f"<{name}>"
        case {"Fn::GetAtt": [name, attribute]}:
            return f"<{name}.{attribute}>"
        case {"Fn::GetStackOutput": {"OutputName": name}}:
            return f"<{name}>"
        case {"Fn::Join": [separator, parts]}:
            return str(separator).join(plain(part) for part in parts)
    raise TypeError(value)
