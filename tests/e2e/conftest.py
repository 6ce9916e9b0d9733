"""One running stack for all end-to-end tests of a worker."""

from collections.abc import Iterator

import boto3
import httpx
import pytest

from infra.local import deploy
from infra.local.stack import Stack, running_stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The service as `invoicing local` runs it, on a free port."""
    with running_stack() as running:
        yield running


@pytest.fixture
def api(stack: Stack) -> Iterator[httpx.Client]:
    """A client with the demo administrator's key."""
    credentials = {"Authorization": f"Bearer {stack.api_keys['admin']}"}
    with httpx.Client(base_url=stack.api_url, headers=credentials, timeout=120) as client:
        yield client


@pytest.fixture(scope="session")
def aws(stack: Stack) -> boto3.Session:
    """Clients of this session reach the embedded AWS with `endpoint_url=stack.aws.url`."""
    assert stack.aws.url
    return deploy.session()
