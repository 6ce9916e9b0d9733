"""Mails on the embedded stack: from the issued invoice to the mailbox."""

import httpx
import pytest

from tests.builders import customer_json, invoice_json
from tests.e2e.waiting import until

pytestmark = pytest.mark.system


@pytest.mark.slow
def test_an_issued_invoice_is_mailed(api: httpx.Client) -> None:
    customer = api.post("/customers", json=customer_json()).json()["id"]
    draft = api.post("/invoices", json=invoice_json(customer_id=customer)).json()["id"]
    api.post(f"/invoices/{draft}/finalize", json={"send": True}).raise_for_status()
    assert until(lambda: api.get(f"/invoices/{draft}").json()["sent_at"])
