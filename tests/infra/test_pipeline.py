"""The example pipeline in `.github` deploys the stages as the README describes."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

from infra.discovery import ROOT
from infra.settings import STAGES

WORKFLOWS = {file.stem: file.read_text() for file in (ROOT / ".github/workflows").glob("deploy*.yml")}
CREDENTIALS = (ROOT / ".github/actions/credentials/action.yml").read_text()
PIPELINE = yaml.safe_load(WORKFLOWS["deploy"])
ONE_STAGE = yaml.safe_load(WORKFLOWS["deploy-stage"])


def _commands(workflow: dict[str, Any]) -> Iterator[str]:
    for job in workflow["jobs"].values():
        yield from (step["run"] for step in job.get("steps", ()) if "run" in step)


def test_prod_is_deployed_after_dev() -> None:
    jobs = PIPELINE["jobs"]
    stages = {name: job["with"]["stage"] for name, job in jobs.items() if "uses" in job}
    assert stages == {"dev": "dev", "prod": "prod"}
    assert jobs["prod"]["needs"] == "dev"
    assert {*stages.values(), *jobs["diff"]["strategy"]["matrix"]["stage"]} <= {
        file.stem for file in STAGES.glob("*.toml")
    }


def test_the_pipeline_runs_the_commands_of_the_readme() -> None:
    readme = (ROOT / "infra/README.md").read_text()
    [cli] = set(re.findall(r"aws-cdk@[0-9.]+", readme))
    used = [command for flow in (PIPELINE, ONE_STAGE) for command in _commands(flow) if "aws-cdk" in command]
    assert {command.split(f"uv run npx -y {cli} ")[1].split()[0] for command in used} == {"deploy", "diff", "drift"}
    [deploy] = _commands(ONE_STAGE)
    assert "deploy --all --concurrency 3 --require-approval never" in deploy
    assert [command for command in used if "-c stage=${{" not in command] == []


def test_parallel_deployments_are_reviewed_before() -> None:
    """The CDK refuses `--concurrency` as long as it would have to ask for approval."""
    lines = (ROOT / "infra/README.md").read_text().splitlines()
    commands = [line for line in lines if line.startswith("uv run npx -y aws-cdk@")]
    parallel = [at for at, command in enumerate(commands) if "--concurrency" in command]
    assert len(parallel) == 3
    for at in parallel:
        assert commands[at].endswith("deploy --all --concurrency 3 --require-approval never -c stage=prod")
        assert commands[at - 1].endswith(" diff -c stage=prod")


@pytest.mark.parametrize("workflow", sorted(WORKFLOWS))
def test_no_job_has_credentials_that_last(workflow: str) -> None:
    """Each job assumes a role by OpenID Connect; the repository holds no access key."""
    assert "secrets." not in WORKFLOWS[workflow]
    assert "access-key" not in WORKFLOWS[workflow] + CREDENTIALS
    for job in yaml.safe_load(WORKFLOWS[workflow])["jobs"].values():
        assert job["permissions"]["id-token"] == "write"
        assert job["permissions"]["contents"] == "read"


def test_pull_requests_get_a_role_that_only_reads() -> None:
    """A pull request can change the code that synthesizes, so it never gets the role that deploys."""
    jobs = PIPELINE["jobs"]
    for name in ("diff", "drift"):
        assert jobs[name]["environment"] == "${{ matrix.stage }}-read"
    assert "head.repo.full_name == github.repository" in jobs["diff"]["if"]
    assert ONE_STAGE["jobs"]["deploy"]["environment"] == "${{ inputs.stage }}"
    assert "--method=template" in next(command for command in _commands(PIPELINE) if " diff " in command)


def test_nothing_runs_in_a_repository_without_the_variable() -> None:
    assert [
        name for name, job in PIPELINE["jobs"].items() if "needs" not in job and "vars.AWS_REGION" not in job["if"]
    ] == []


def test_deployments_of_a_stage_never_overlap() -> None:
    concurrency = ONE_STAGE["jobs"]["deploy"]["concurrency"]
    assert concurrency == {"group": "deploy-${{ inputs.stage }}", "cancel-in-progress": False}
