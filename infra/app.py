"""The CDK app: two stacks of one stage.

uv run python -m infra.app      what the CDK's command line runs (cdk.json)
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from aws_cdk import App

from infra.data_stack import DataStack
from infra.discovery import ROOT
from infra.service_stack import ServiceStack
from infra.settings import settings_of


def build(context: Mapping[str, Any] | None = None, outdir: str | None = None, root: Path = ROOT) -> App:
    """The app for the functions under `root`. `context` adds to that of cdk.json and of the command line."""
    # The command line hands over cdk.json's context; without it the same templates are to come out.
    stored = json.loads((ROOT / "cdk.json").read_text())["context"]
    app = App(context={**stored, **(context or {})}, outdir=outdir, analytics_reporting=False)
    settings = settings_of(app.node.get_all_context())
    data = DataStack(app, settings)
    ServiceStack(app, settings, data, root)
    return app


if __name__ == "__main__":
    build().synth()
