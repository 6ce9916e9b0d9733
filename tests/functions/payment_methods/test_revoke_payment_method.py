"""DELETE /customers/{customer_id}/payment-methods/{method_id}"""

from datetime import UTC, datetime

from invoicing.aws.clients import client
from tests.aws import TABLE
from tests.collection import method_json, methods_path
from tests.events import deliver, details
from tests.functions.payment_methods.test_update_payment_method import collect, made
from tests.gateway import Client


def purged_at(path: str) -> str:
    """The day on which the row of a payment method is deleted."""
    [row] = [
        item
        for item in client("dynamodb").scan(TableName=TABLE)["Items"]
        if item["SK"]["S"] == f"PME#{path.rpartition('/')[2]}"
    ]
    return datetime.fromtimestamp(int(row["purge_at"]["N"]), UTC).date().isoformat()


def test_a_revoked_method_is_kept_for_fourteen_months(api: Client) -> None:
    path = made(api, default=True)
    revoked = api.delete(path).ok()
    assert (revoked["status"], revoked["default"], revoked["ended_on"]) == ("revoked", False, "2026-03-10")
    assert api.get(path).ok() == revoked
    assert purged_at(path) == "2027-05-10"
    assert len(details("payment_method.revoked")) == 1
    assert api.delete(path).code == "PAYMENT_METHOD_ENDED"


def test_erasure_removes_accounts_without_debits(api: Client) -> None:
    path = methods_path(api)
    made_, used = (f"{path}/{api.post(path, method_json()).ok(201)['id']}" for _ in range(2))
    collect(api, used)
    api.post(path.replace("payment-methods", "erase"), raw=b"").ok()
    for _ in range(2):
        assert erase() == []
    erased, kept = api.get(made_).ok(), api.get(used).ok()
    assert (erased["iban"], erased["holder"], erased["status"], erased["version"]) == (None, "—", "revoked", 2)
    assert (kept["iban"], kept["holder"], kept["status"]) == ("DE02120300000000202051", "Werft & Söhne AG", "revoked")


def erase() -> list[str]:
    """The messages that are to be sent again after the erasure of a customer."""
    return deliver("erase_copies", *details("customer.erased"))


def test_an_unknown_method_is_not_revoked(api: Client) -> None:
    assert api.delete(f"{methods_path(api)}/pme_01JD8X2V6PZ3QK7M5T9WRC4HBN").code == "PAYMENT_METHOD_NOT_FOUND"
