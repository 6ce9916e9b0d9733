"""Payment methods of customers, as clients create them."""

from typing import Any

from tests.builders import customer_json, invoice_json
from tests.events import strike
from tests.gateway import Client

IBAN = "DE02120300000000202051"
OTHER_IBAN = "FR1420041010050500013M02606"
CREDITOR_ID = "DE98ZZZ09999999999"


def method_json(reference: str | None = None, signed_on: str | None = "2026-03-01", **fields: Any) -> dict[str, Any]:
    """The body of a request that creates a payment method."""
    mandate = {name: value for name, value in {"reference": reference, "signed_on": signed_on}.items() if value}
    return {"type": "sepa_debit", "iban": IBAN, "holder": "Werft & Söhne AG", "mandate": mandate, **fields}


def methods_path(api: Client) -> str:
    """The path of the payment methods of a new customer."""
    return f"/customers/{api.post('/customers', customer_json()).ok(201)['id']}/payment-methods"


def debited(api: Client, *, terms: int = 14, announces: bool = True, **fields: Any) -> dict[str, Any]:
    """An issued invoice to a customer with the mandate `M-1`, to be collected by direct debit.

    Unless it `announces` that itself, the tenant has its creditor identifier only afterwards.
    """
    creditor = {"creditor_id": CREDITOR_ID}
    if announces:
        api.patch("/tenant", creditor).ok()
    path = methods_path(api)
    api.post(path, method_json("M-1")).ok(201)
    about = {"customer_id": path.split("/")[2], "payment_method": "sepa_direct_debit", "payment_terms": {"days": terms}}
    draft = api.post("/invoices", invoice_json(**{**about, **fields})).ok(201)["id"]
    issued: dict[str, Any] = api.post(f"/invoices/{draft}/finalize").ok()
    api.patch("/tenant", creditor).ok()
    return issued


def cause_events(api: Client) -> None:
    """Each event of payment methods and direct debits."""
    debited(api, announces=False)
    assert strike("announce_direct_debits", api.tenant_id) == []
    path = methods_path(api)
    path = f"{path}/{api.post(path, method_json()).ok(201)['id']}"
    api.patch(path, {"default": True}).ok()
    api.patch(path, {"blocked": True}).ok()
    api.delete(path).ok()
