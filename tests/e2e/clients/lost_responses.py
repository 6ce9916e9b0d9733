"""The main job over a connection that loses responses, with the client's retries, pages and downloads.

`lost_responses.py API_URL KEY`
"""

import sys
from collections.abc import Callable
from typing import override

import httpx
from invoicing_api_client.api.customers import create_customer
from invoicing_api_client.api.invoices import create_invoice, finalize_invoice, get_invoice, list_invoices
from invoicing_api_client.api.payments import list_invoice_payments, record_payment
from invoicing_api_client.connection import connect
from invoicing_api_client.downloads import download
from invoicing_api_client.models import (
    AddressFields,
    CustomerCreate,
    InvoiceCreate,
    InvoiceFinalize,
    LineCreate,
    PaymentCreate,
    ProblemCode,
    TaxFields,
    TaxFieldsCategory,
)
from invoicing_api_client.paging import every
from invoicing_api_client.problems import ApiError, succeeded


class LosesResponses(httpx.HTTPTransport):
    """The API processes each request, but the first response of each path is lost."""

    def __init__(self) -> None:
        super().__init__()
        self.lost: list[str] = []

    @override
    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.url.path in self.lost:
            return response
        self.lost.append(request.url.path)
        response.read()
        raise httpx.ReadError("The response is lost.", request=request)


def main(url: str, key: str) -> None:
    """Each change has its effect once, though its request is sent twice."""
    transport = LosesResponses()
    client = connect(url, key, timeout=120, transport=transport)
    address = AddressFields(line1="Kai 1", postal_code="20457", city="Hamburg", country="DE")
    customer = succeeded(
        create_customer.sync(client=client, body=CustomerCreate(name="Werft & Söhne AG", address=address))
    )
    line = LineCreate(
        name="Consulting", quantity="1", unit_price="100.00", tax=TaxFields(category=TaxFieldsCategory.S, rate="19")
    )
    draft = InvoiceCreate(customer_id=customer.id, currency="EUR", lines=[line])
    first, second = (succeeded(create_invoice.sync(client=client, body=draft)).id for _ in range(2))
    succeeded(finalize_invoice.sync(first, client=client, body=InvoiceFinalize()))
    succeeded(record_payment.sync(first, client=client, body=PaymentCreate(amount="119.00")))
    refused = refusal(lambda: record_payment.sync(first, client=client, body=PaymentCreate(amount="1.00")))
    assert refused.code is ProblemCode.PAYMENT_EXCEEDS_DUE
    assert refused.problem.status == 422
    assert succeeded(get_invoice.sync(first, client=client)).due == "0.00"
    assert [one.amount for one in every(list_invoice_payments.sync, first, client=client)] == ["119.00"]
    found = [one.id for one in every(list_invoices.sync, client=client, customer_id=customer.id, limit=1)]
    assert found == [second, first]
    assert download(client, first).startswith(b"%PDF")
    assert len(transport.lost) >= 6


def refusal(request: Callable[[], object]) -> ApiError:
    """The error of a request that the API must refuse."""
    try:
        succeeded(request())
    except ApiError as error:
        return error
    raise AssertionError("the API accepted the request")


if __name__ == "__main__":
    main(*sys.argv[1:])
