"""The synthesized templates, created once for all tests of a worker."""

import pytest
from aws_cdk import App

from infra.app import build
from tests.infra.templates import NO_BUNDLING, STAGES, Templates, templates_of


@pytest.fixture(scope="session")
def default_app(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The stacks that `cdk deploy` deploys without any context."""
    return build(NO_BUNDLING, str(tmp_path_factory.mktemp("default")))


@pytest.fixture(scope="session")
def templates(default_app: App) -> Templates:
    """Their templates."""
    return templates_of(default_app)


@pytest.fixture(scope="session")
def embedded(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The templates of the embedded AWS."""
    context = {"stage": "local", "architecture": "x86_64", "base_url": "http://127.0.0.1:4566/v1"}
    return templates_of(build({**NO_BUNDLING, **context}, str(tmp_path_factory.mktemp("embedded"))))


@pytest.fixture(scope="session")
def everything_app(tmp_path_factory: pytest.TempPathFactory) -> App:
    """The stacks of a stage with every optional setting."""
    context = {**NO_BUNDLING, "stage": "everything"}
    return build(context, str(tmp_path_factory.mktemp("everything")), stages=STAGES)


@pytest.fixture(scope="session")
def everything(everything_app: App) -> Templates:
    """Their templates."""
    return templates_of(everything_app)


@pytest.fixture(scope="session")
def production(tmp_path_factory: pytest.TempPathFactory) -> Templates:
    """The templates of the stage `prod`, as its file is."""
    return templates_of(build({**NO_BUNDLING, "stage": "prod"}, str(tmp_path_factory.mktemp("prod"))))
