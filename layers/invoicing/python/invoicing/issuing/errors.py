"""Rules of EN 16931 as errors: the broken rule is the code of the error, or of each of its `errors`."""

from typing import Self

from invoicing.core.errors import RuleBroken, Violation


class NothingToInvoice(RuleBroken):
    """An invoice requires at least one line (BG-25, EN 16931 BR-16).

    Add a line to the draft.
    """

    code = "BR-16"


class CustomerMissing(RuleBroken):
    """An invoice requires a buyer with a name (BT-44, EN 16931 BR-07).

    Set `customer_id`, or `customer` with a name, on the draft.
    """

    code = "BR-07"


class DueDateMissing(RuleBroken):
    """A positive amount due (BT-115) requires a due date (BT-9) or payment terms (BT-20, BR-CO-25).

    Set `due_date`, `payment_terms` or `payment_terms_text` on the draft, or `payment_terms` on the customer or tenant.
    """

    code = "BR-CO-25"


class En16931RuleBroken(RuleBroken):
    """The document violates rules of EN 16931, listed in `errors`.

    Correct each field that `errors` names. No number was used.
    """

    code = "EN16931_RULE_BROKEN"

    @classmethod
    def of(cls, *broken: Violation) -> Self:
        """The error for a document that breaks these rules. The `code` of each is the rule's id."""
        return cls(" ".join(violation.message for violation in broken), errors=broken)


class NotPrintable(RuleBroken):
    """The document has text that cannot be printed; each place is named in `errors`.

    Remove the characters that `errors` names, or replace them.
    """

    code = "NOT_PRINTABLE"


def lacks(rule: str, pointer: str, what: str) -> Violation:
    """A term that a rule requires and the document does not have."""
    return Violation(pointer, rule, f"The e-invoice needs {what} ({rule}).")


def wrong(rule: str, pointer: str, what: str) -> Violation:
    """A value that a rule does not allow."""
    return Violation(pointer, rule, f"{what} ({rule}).")
