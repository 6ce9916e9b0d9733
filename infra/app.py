"""The CDK app: the stacks of one stage.

uv run python -m infra.app      the command that the CDK's command line runs (cdk.json)
"""

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.data_stack import DataStack
from infra.discovery import ROOT, InvalidDeclaration, deployed
from infra.functions_stack import FunctionsStack
from infra.placement import STACKS, by_stack
from infra.service_stack import ServiceStack
from infra.settings import STAGES, InvalidSettings, settings_of


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
    unknown = set(settings.snap_start) - {found.name for found in declared}
    if unknown:
        raise InvalidSettings(f"snap_start: {settings.stage} has no function {', '.join(sorted(unknown))}.")
    data = DataStack(app, settings)
    functions = [
        FunctionsStack(app, settings, data, root, name=name, functions=found)
        for name, found in by_stack(declared, stacks).items()
    ]
    ServiceStack(app, settings, data, declared, functions)
    return app


def main() -> None:
    """Synthesize. Mistakes that the operator can correct are one line on standard error."""
    try:
        build().synth()
    except (InvalidSettings, InvalidDeclaration) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
