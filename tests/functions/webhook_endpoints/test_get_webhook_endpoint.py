"""GET /webhook-endpoints/{endpoint_id}"""

from collections.abc import Callable

import pytest

from invoicing.core.identity import Role
from tests.functions.webhook_endpoints.test_create_webhook_endpoint import BODY
from tests.gateway import Client


@pytest.mark.parametrize("role", [Role.BOOKKEEPER, Role.MEMBER, Role.CUSTOMER])
def test_only_admins_and_auditors_see_endpoints(api: Client, sign_in: Callable[..., Client], role: Role) -> None:
    made = api.post("/webhook-endpoints", BODY).ok(201)
    path = f"/webhook-endpoints/{made['id']}"
    auditor = sign_in(Role.AUDITOR)
    assert auditor.get(path).ok()["events"] == ["invoice.*", "customer.created"]
    assert auditor.delete(path).code == "INSUFFICIENT_PERMISSIONS"
    assert sign_in(role).get(path).code == "INSUFFICIENT_PERMISSIONS"
