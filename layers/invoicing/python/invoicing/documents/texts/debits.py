"""The mails that announce direct debits, by language."""

from types import MappingProxyType
from typing import Final

from invoicing.documents.texts.model import Message

DEBIT_MAILS: Final = MappingProxyType(
    {
        "de": Message(
            "Rechnung {number} von {seller}: Lastschrift am {date}",
            "Guten Tag,\n\n{amount} unserer Rechnung {number} ziehen wir am {date} per SEPA-Lastschrift vom Konto "
            "{account} ein.\n\nMandat: {mandate}\nGläubiger-ID: {creditor_id}\n\nOnline finden Sie den aktuellen Stand "
            "und alle Dateien: {page}\n\nMit freundlichen Grüßen\n{seller}",
        ),
        "en": Message(
            "Invoice {number} from {seller}: direct debit on {date}",
            "Hello,\n\nwe will collect {amount} of our invoice {number} by SEPA direct debit from the account "
            "{account} on {date}.\n\nMandate: {mandate}\nCreditor ID: {creditor_id}"
            "\n\nThe current status and all files are online: {page}\n\nKind regards\n{seller}",
        ),
        "fr": Message(
            "Facture {number} de {seller} : prélèvement le {date}",
            "Bonjour,\n\nnous prélèverons {amount} de notre facture {number} par prélèvement SEPA sur le compte "
            "{account} le {date}.\n\nMandat : {mandate}\nICS : {creditor_id}"
            "\n\nLa situation actuelle et tous les fichiers sont en ligne\u00a0: {page}\n\nCordialement\n{seller}",
        ),
    }
)
"""Each text with its subject, the link to the invoice page and the farewell."""
