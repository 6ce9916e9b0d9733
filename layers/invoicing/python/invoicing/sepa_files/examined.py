"""Documents that a file may contain: each with the decision, and with the transaction that a file gets for it."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from invoicing.collection.ready import SkipReason
from invoicing.core.identity import Moment
from invoicing.core.model import Aggregate
from invoicing.invoices.model import InvoiceSummary
from invoicing.sepa_files.model import SepaFile, SkippedDocument
from invoicing.transactions.model import Transaction


@dataclass(frozen=True)
class ExaminedDocument(ABC):
    """A document with the reason why a file does not contain it; without one, it does."""

    invoice: InvoiceSummary
    reason: SkipReason | None

    @property
    def is_ready(self) -> bool:
        """Whether the file can contain it."""
        return self.reason is None

    @property
    def skipped(self) -> SkippedDocument:
        """The document as a response lists it."""
        if self.reason is None:
            raise AssertionError(f"{self.invoice.id} is not skipped")
        return SkippedDocument(invoice_id=self.invoice.id, invoice_number=self.invoice.number, reason=self.reason)

    @property
    @abstractmethod
    def amount(self) -> Decimal:
        """The amount of its transaction."""

    @property
    @abstractmethod
    def read(self) -> tuple[Aggregate, ...]:
        """The resources that the decision depends on. The commit requires that they are unchanged."""

    @abstractmethod
    def transaction(self, id_: str, file: SepaFile, moment: Moment) -> Transaction:
        """Its transaction in a file."""

    def _new(self, id_: str, file: SepaFile, moment: Moment, **own: Any) -> Transaction:
        return Transaction(
            id=id_,
            type=file.type,
            invoice_id=self.invoice.id,
            sepa_file_id=file.id,
            amount=self.amount,
            end_to_end_id=id_.rpartition("_")[2],
            due_on=file.due_on,
            remittance=self.invoice.number or self.invoice.id,
            **own,
            **moment.created,
        )
