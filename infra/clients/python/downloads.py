"""Files of documents: a link that is valid for seven days, and its content."""

import hashlib

import httpx

from .api.downloads import create_download_link
from .api.invoices import get_invoice
from .client import AuthenticatedClient
from .models import DownloadLinkCreate, DownloadLinkCreateFile
from .problems import succeeded
from .retries import Retrying


class DamagedFile(Exception):
    """The content of a download is not the file that the API describes."""


def link(
    client: AuthenticatedClient,
    invoice_id: str,
    file: DownloadLinkCreateFile = DownloadLinkCreateFile.PDF,
    *,
    expires_in: int = 604_800,
) -> str:
    """The URL of a new link to the PDF or XML of an issued document. `expires_in` is in seconds.

    It opens the file without credentials. Waits for a file that is not rendered yet.
    """
    body = DownloadLinkCreate(file=file, expires_in=expires_in)
    while True:
        created = succeeded(create_download_link.sync(invoice_id, client=client, body=body))
        # The API stores no URL. A retry after a lost response gets the link without it, so another link is created.
        if created.url:
            return created.url


def download(
    client: AuthenticatedClient, invoice_id: str, file: DownloadLinkCreateFile = DownloadLinkCreateFile.PDF
) -> bytes:
    """The PDF or XML of an issued document, compared with its SHA-256 hash. Waits until the file is rendered."""
    content = fetch(link(client, invoice_id, file))
    described = succeeded(get_invoice.sync(invoice_id, client=client)).files[file.value]
    if hashlib.sha256(content).hexdigest() != described.sha256:
        raise DamagedFile(f"{file.value} of {invoice_id}")
    return content


def fetch(url: str) -> bytes:
    """The file behind a link. The request has no credentials: the link leads to the storage, outside the API."""
    with httpx.Client(transport=Retrying(), follow_redirects=True) as storage:
        return storage.get(url).raise_for_status().content
