"""The parts of a bank statement: its account, its files, its progress and its problems."""

from typing import Literal

from invoicing.bank.entry import BankAmount
from invoicing.core.model import CurrencyCode, Value
from invoicing.tenants.csv_profile import CsvProfile

MOST_PROBLEMS = 100
ProblemCode = Literal[
    "UNREADABLE", "UNBALANCED", "IMPORT_FAILED", "UNREADABLE_STATEMENT", "UNKNOWN_ACCOUNT", "NOT_UPLOADED",
]  # fmt: skip
"""Kind of a problem: a part is `UNREADABLE`, balances are `UNBALANCED`, or the import failed (`IMPORT_FAILED`). A file
that was announced can be an `UNREADABLE_STATEMENT`, about an `UNKNOWN_ACCOUNT`, or `NOT_UPLOADED`."""


class StatementAccount(Value):
    """The account as the file names it."""

    iban: str | None = None
    """IBAN; null if the file names the account in another way. Its middle is replaced by `…`, except for the scope
    `collection:write`."""
    number: str | None = None
    """Account as a file without its IBAN names it, such as the German numbers of bank and account; null otherwise. Its
    middle is replaced by `…`, too."""
    currency: CurrencyCode | None = None
    """Currency of the account; null if the file does not name it."""


class StatementGap(Value):
    """A balance that does not continue that of the statement before."""

    expected_opening: BankAmount
    """Closing balance of the statement before: a statement between both is missing, or one of them is wrong."""


class ImportProgress(Value):
    """The progress of an import."""

    done: int = 0
    """Number of entries that were imported or found to be known."""
    total: int
    """Number of booked entries."""


class StatementFile(Value):
    """A file of a statement."""

    id: str
    """Identifier of the file: `file_` followed by a ULID."""
    kind: Literal["original", "entries"]
    """Whether it is the file as it was uploaded, or the entries as they were read."""
    sha256: str
    """SHA-256 hash of the file, as 64 hexadecimal digits."""
    size: int
    """Size of the file in bytes."""


class AnnouncedFile(Value):
    """How to read a file that is uploaded to S3."""

    bank_account_id: str | None = None
    """Bank account of the tenant; null if the file names it."""
    csv_profile: CsvProfile | None = None
    """How to read CSV files; null for the profile of the bank account."""


class StatementProblem(Value):
    """A part of a file that could not be read, or that is not as it should be."""

    place: str
    """Place in the file: a line, a row, or the member of a ZIP with its line."""
    code: ProblemCode
    """Kind of the problem."""
    message: str
    """Explanation of the problem, for people."""
