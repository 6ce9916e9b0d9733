"""The main job with the Python client that openapi-python-client generates: `main_job.py API_URL KEY`."""

import sys
import time
from datetime import date
from http import HTTPStatus
from io import BytesIO

import httpx
from invoicing_api_client import AuthenticatedClient
from invoicing_api_client.api.comments import add_comment
from invoicing_api_client.api.customers import create_customer
from invoicing_api_client.api.downloads import create_download_link
from invoicing_api_client.api.invoices import create_invoice, finalize_invoice, list_invoices
from invoicing_api_client.api.notes import create_note
from invoicing_api_client.api.payments import record_payment
from invoicing_api_client.models import (
    Activity,
    AddressFields,
    CommentCreate,
    CreateNoteFilesBody,
    Customer,
    CustomerCreate,
    DownloadLinkCreate,
    DownloadLinkCreateFile,
    DownloadLinkWithUrl,
    Invoice,
    InvoiceCreate,
    InvoiceFinalize,
    InvoiceSummaryPage,
    LineCreate,
    Note,
    Payment,
    PaymentCreate,
    PeriodFields,
    Problem,
    TaxFields,
    TaxFieldsCategory,
)
from invoicing_api_client.types import File


def main(url: str, key: str) -> None:
    """Create a customer and an invoice, issue it, receive the payment, comment, add a file, download the PDF."""
    client = AuthenticatedClient(url, key, timeout=httpx.Timeout(120))
    customer = create_customer.sync(
        client=client,
        idempotency_key="python-customer",
        body=CustomerCreate(
            name="Werft & Söhne AG",
            address=AddressFields(line1="Kai 1", postal_code="20457", city="Hamburg", country="DE"),
        ),
    )
    assert isinstance(customer, Customer)
    draft = create_invoice.sync(
        client=client,
        body=InvoiceCreate(
            customer_id=customer.id,
            currency="EUR",
            service_period=PeriodFields(start=date(2026, 11, 1), end=date(2026, 11, 27)),
            lines=[
                LineCreate(
                    name="Consulting",
                    quantity="8",
                    unit_price="95.00",
                    tax=TaxFields(category=TaxFieldsCategory.S, rate="19"),
                )
            ],
        ),
    )
    assert isinstance(draft, Invoice)
    issued = finalize_invoice.sync(draft.id, client=client, body=InvoiceFinalize(due_date=date(2030, 12, 31)))
    assert isinstance(issued, Invoice)
    assert (issued.total, issued.due) == ("904.40", "904.40")
    payment = record_payment.sync(draft.id, client=client, body=PaymentCreate(amount="904.40"))
    assert isinstance(payment, Payment)
    again = record_payment.sync_detailed(draft.id, client=client, body=PaymentCreate(amount="1.00"))
    assert isinstance(again.parsed, Problem)
    assert again.status_code in {HTTPStatus.CONFLICT, HTTPStatus.UNPROCESSABLE_ENTITY}
    comment = add_comment.sync(draft.id, client=client, body=CommentCreate(comment="Paid in full."))
    assert isinstance(comment, Activity)
    file = File(BytesIO(b"Delivered on 27 November."), file_name="delivery.txt", mime_type="text/plain")
    note = create_note.sync(draft.id, client=client, body=CreateNoteFilesBody(note="Signed.", file=[file]))
    assert isinstance(note, Note)
    assert [one.name for one in note.files] == ["delivery.txt"]
    pdf = httpx.get(_pdf_url(client, draft.id), follow_redirects=True, timeout=120)
    assert pdf.content.startswith(b"%PDF")
    page = list_invoices.sync(client=client, customer_id=customer.id, limit=1)
    assert isinstance(page, InvoiceSummaryPage)
    assert [one.status for one in page.data] == ["paid"]


def _pdf_url(client: AuthenticatedClient, invoice_id: str) -> str:
    """The URL of the PDF, as soon as the PDF is rendered."""
    while True:
        body = DownloadLinkCreate(file=DownloadLinkCreateFile.PDF)
        response = create_download_link.sync_detailed(invoice_id, client=client, body=body)
        if isinstance(response.parsed, DownloadLinkWithUrl):
            # The URL is null only where a repeated request gets its first response again.
            assert response.parsed.url
            return response.parsed.url
        assert response.parsed
        assert response.parsed.code == "FILE_NOT_READY", response.parsed
        time.sleep(int(response.headers["Retry-After"]))


if __name__ == "__main__":
    main(*sys.argv[1:])
