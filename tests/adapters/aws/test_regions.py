"""Where AWS's services are, in every region of every partition."""

from typing import get_args

import pytest
from botocore.session import get_session

from invoicing.adapters.aws import request, s3
from invoicing.adapters.aws.clients import DIALECTS, Service

SESSION = get_session()
PARTITIONS = {one: SESSION.get_available_regions("dynamodb", one) for one in SESSION.get_available_partitions()}


def _host(service: str, region: str) -> str:
    return str(SESSION.create_client(service, region_name=region).meta.endpoint_url)


@pytest.mark.parametrize("partition", PARTITIONS)
def test_services_are_where_botocore_finds_them(partition: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first, *others = PARTITIONS[partition]
    monkeypatch.setenv("AWS_REGION", first)
    for service in get_args(Service):
        assert request.origin(DIALECTS[service].host) == _host(service, first)
    assert s3.Location("bucket", "a/b").origin.replace("bucket.", "") == _host("s3", first)
    for region in others:
        monkeypatch.setenv("AWS_REGION", region)
        assert request.origin("dynamodb") == _host("dynamodb", region)
