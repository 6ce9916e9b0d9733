"""Old code reads rows of newer code and keeps their unknown fields: during a deployment, and after a roll-back.

New endpoints are tested automatically.
"""

import pytest

from infra.discovery import endpoints
from invoicing.http.declaration import Endpoint
from tests.contract.conftest import Companies
from tests.newer import UNKNOWN, Newer
from tests.world import asked, fitting

ENDPOINTS = [pytest.param(declared, id=found.name) for found, declared in endpoints()]


@pytest.mark.parametrize("endpoint", ENDPOINTS)
def test_endpoint_reads_and_keeps_newer_rows(endpoint: Endpoint, newer: Newer, companies: Companies) -> None:
    world = fitting(companies.ours, endpoint).renewed()
    answer = asked(endpoint, world.client, world)
    assert answer.status < 400 or answer.status in (409, 422), answer.text
    assert UNKNOWN not in answer.text
    assert newer.lost == []
