"""The CDK app: the stacks of one stage.

uv run python -m infra.app      the command that the CDK's command line runs (cdk.json)
"""

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.data_stack import DataStack
from infra.discovery import ROOT, DeclaredFunction, InvalidDeclaration, deployed
from infra.functions_stack import FunctionsStack
from infra.placement import STACKS, by_stack
from infra.replica_stack import ReplicaStack
from infra.service_stack import ServiceStack
from infra.settings import STAGES, InvalidSettings, Settings, settings_of
from invoicing.consumers.consumer import Consumer


def build(
    context: Mapping[str, Any] | None = None,
    outdir: str | None = None,
    root: Path = ROOT,
    *,
    stages: Path = STAGES,
    stacks: Mapping[str, str] = STACKS,
) -> App:
    """The app for the functions under `root`, dealt to `stacks` by folder.

    `context` adds to that of cdk.json and of the command line.
    """
    # The command line passes the context of cdk.json; without it the templates have to be the same.
    stored = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(context={**stored, **(context or {})}, outdir=outdir, analytics_reporting=False)
    settings = settings_of(app.node.get_all_context(), stages)
    declared = deployed(root, embedded=settings.embedded, opted_in=settings.opted_in)
    _check_named_functions(settings, declared)
    data = DataStack(app, settings)
    if settings.replica_region is not None:
        data.add_stack_dependency(ReplicaStack(app, settings, settings.replica_region))
    functions = [
        FunctionsStack(app, settings, data, root, name=name, functions=found)
        for name, found in by_stack(declared, stacks).items()
    ]
    ServiceStack(app, settings, data, declared, functions)
    return app


def _check_named_functions(settings: Settings, declared: Sequence[DeclaredFunction]) -> None:
    """Refuse settings that name a function which the stage does not have, or reserve too little for a consumer."""
    known = {found.name: found.declaration for found in declared}
    named = {"snap_start": settings.snap_start, "reserved_concurrency": settings.reserved_concurrency}
    for setting, functions in named.items():
        if unknown := set(functions) - set(known):
            raise InvalidSettings(f"{setting}: {settings.stage} has no function {', '.join(sorted(unknown))}.")
    for name, reserved in settings.reserved_concurrency.items():
        # Lambda takes messages for all workers of the queue; those without a worker would count as failed attempts.
        consumer = known[name]
        if isinstance(consumer, Consumer) and reserved < (consumer.concurrency or settings.consumer_concurrency):
            least = consumer.concurrency or settings.consumer_concurrency
            raise InvalidSettings(f"reserved_concurrency: {name} needs at least {least}, the consumer_concurrency.")


def main() -> None:
    """Synthesize. Mistakes that the operator can correct are one line on standard error."""
    try:
        build().synth()
    except (InvalidSettings, InvalidDeclaration) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
