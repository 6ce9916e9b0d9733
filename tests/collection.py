"""Payment methods of customers, as clients create them."""

from typing import Any

from tests.aws import rewrite
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


def unused_method(api: Client) -> str:
    """A mandate that was never used, and expires. Returns the path of the payment methods of its customer."""
    path = methods_path(api)
    api.post(path, method_json(signed_on="2023-01-01")).ok(201)
    return path


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


def ready_to_collect(api: Client) -> None:
    """Give the tenant a creditor identifier and an account that debits can be booked on."""
    tenant = api.get("/tenant").ok()
    account = {"id": "main", "iban": "DE89370400440532013000"}
    wanted = {"creditor_id": CREDITOR_ID, "bank_accounts": tenant["bank_accounts"] or [account]}
    if any(tenant[name] != value for name, value in wanted.items()):
        api.patch("/tenant", wanted).ok()


def debtor(api: Client, reference: str | None = None, **fields: Any) -> str:
    """The id of a new customer with a default payment method."""
    path = methods_path(api)
    mandate = method_json(reference)["mandate"] | fields.pop("mandate", {})
    api.post(path, method_json(**{"default": True, **fields, "mandate": mandate})).ok(201)
    return path.split("/")[2]


def collectable_invoice(api: Client, customer: str | None = None) -> str:
    """The id of an invoice whose debit was announced long ago."""
    customer = customer or debtor(api)
    body = invoice_json(customer_id=customer, payment_method="sepa_direct_debit", payment_terms={"days": 0})
    id_: str = api.post("/invoices", body).ok(201)["id"]
    api.post(f"/invoices/{id_}/finalize").ok()
    announce(api, id_)
    return id_


def something_to_collect(api: Client) -> str:
    """The id of an invoice that a SEPA file can collect now."""
    ready_to_collect(api)
    return collectable_invoice(api)


def sepa_file(api: Client) -> str:
    """The id of a new SEPA file."""
    body = {"type": "debit", "invoice_ids": [something_to_collect(api)]}
    return str(api.post("/sepa-files", body).ok(201)["id"])


def overpaid_invoice(api: Client, customer: str | None = None) -> str:
    """The id of an invoice over 119.00 on which 169.00 were paid, of a customer with a payment method."""
    customer = customer or debtor(api)
    id_: str = api.post("/invoices", invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{id_}/finalize").ok()
    api.post(f"/invoices/{id_}/payments", {"amount": "169.00", "accept_overpayment": True}).ok(201)
    return id_


def announce(api: Client, invoice_id: str) -> None:
    """Put the announcement of a debit into the row of an invoice, as if it was sent weeks ago."""
    customer = api.get(f"/invoices/{invoice_id}").ok()["customer_id"]
    [method] = api.get(f"/customers/{customer}/payment-methods").ok()["data"]
    notice = {
        "mandate_reference": method["mandate"]["reference"],
        "creditor_id": CREDITOR_ID,
        "amount": "1000.00",
        "collected_on": "2026-02-20",
        "announced_at": "2026-02-01T00:00:00Z",
    }

    def announced(row: dict[str, Any]) -> dict[str, Any]:
        before = row.get("collection") or {}
        return {**row, "collection": {**before, "notice": {**(before.get("notice") or {}), **notice}}}

    rewrite(api.tenant_id, invoice_id, announced)


def cause_events(api: Client) -> None:
    """Each event of payment methods and direct debits."""
    debited(api, announces=False)
    assert strike("announce_direct_debits", api.tenant_id) == []
    path = unused_method(api)
    assert strike("expire_mandates", api.tenant_id) == []
    path = f"{path}/{api.post(path, method_json()).ok(201)['id']}"
    api.patch(path, {"default": True}).ok()
    api.patch(path, {"blocked": True}).ok()
    api.delete(path).ok()
    ready_to_collect(api)
    for end in ("cancel", "uploaded"):
        invoice = collectable_invoice(api, debtor(api, mandate={"type": "one_off"}))
        file = api.post("/sepa-files", {"type": "debit", "invoice_ids": [invoice]}).ok(201)
        links = f"/sepa-files/{file['id']}/download-links"
        link = api.post(links).ok(201)
        assert Client(None).get(f"/downloads/{link['url'].rpartition('/')[2]}").status == 302
        api.delete(f"{links}/{link['id']}").ok(204)
        api.post(f"/sepa-files/{file['id']}/{end}").ok()
