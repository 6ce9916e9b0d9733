"""Which stack each function belongs to. CloudFormation allows 500 resources and 1 MB of template in a stack.

Rows are permanent: after its first deployment a function never moves to another stack, because two stacks cannot own
one function name. A folder that is renamed keeps its stack. When a stack is full, new functions go into a new folder.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path

from infra.discovery import DeclaredFunction, InvalidDeclaration

STACKS: Mapping[str, str] = {
    ".": "access",
    "api_keys": "access",
    "number_series": "access",
    "tenant": "access",
    "users": "access",
    "customers": "customers",
    "dunning": "customers",
    "payment_methods": "customers",
    "sepa_files": "customers",
    "transactions": "customers",
    "orders": "customers",
    # Repeated billing and the catalogue, with room for the other nouns that they need.
    "bank_statements": "billing",
    "bank_transactions": "billing",
    "billing_runs": "billing",
    "subscriptions": "billing",
    "prices": "billing",
    "products": "billing",
    "comments": "invoices",
    "invoices": "invoices",
    "payments": "invoices",
    # The stack `customers` has the most room, and reports are read by customer.
    "reports": "customers",
    "webhook_endpoints": "webhooks",
    "events": "events",
    "schedules": "events",
    "document_forms": "files",
    "downloads": "files",
    "invoice_pages": "files",
    "notes": "files",
    # Each stack publishes its own layers, so the users of `documents` (70 MB) share one.
    "customers/get_statement.py": "files",
    "customers/send_statement.py": "files",
    "payment_methods/get_mandate.py": "files",
    "sepa_files/create_sepa_file.py": "files",
    "sepa_files/cancel_sepa_file.py": "files",
    "events/render_document.py": "files",
    "events/render_run_document.py": "files",
    "events/render_dunning_document.py": "files",
    # All functions of webhooks are in one stack with their queue, apart from the consumers of documents.
    "events/deliver_webhook.py": "webhooks",
    "events/fan_out_webhooks.py": "webhooks",
    "events/release_deliveries.py": "webhooks",
    "schedules/retry_webhooks.py": "webhooks",
    # The stack `events` is nearly full.
    "events/receive_bank_statement.py": "customers",
    "events/expire_statement_upload.py": "customers",
    # Direct debits are beside their endpoints: the stack `events` is nearly full.
    "events/refuse_debits.py": "customers",
    "schedules/announce_direct_debits.py": "customers",
    "schedules/expire_mandates.py": "customers",
    "schedules/settle_debits.py": "customers",
    "invoices/get_invoice_xml.py": "files",
    "invoices/preview_invoice.py": "files",
    "tenant/set_logo.py": "files",
}
"""A folder under `functions/`, or one file of it → its stack, `invoicing-<stage>-<stack>`."""


def stack_of(file: Path, stacks: Mapping[str, str] = STACKS) -> str:
    """The stack of a function: the row of its file, else the row of its folder."""
    within = file.relative_to("functions")
    found = stacks.get(within.as_posix()) or stacks.get(within.parent.as_posix())
    if found is None:
        folder = within.parent.as_posix()
        raise InvalidDeclaration(f"{file}: the folder {folder} has no stack; add it to STACKS in infra/placement.py")
    return found


def by_stack(
    found: Iterable[DeclaredFunction], stacks: Mapping[str, str] = STACKS
) -> dict[str, list[DeclaredFunction]]:
    """The functions of each stack, both sorted by name. A stack without functions is left out."""
    dealt: dict[str, list[DeclaredFunction]] = {}
    for one in found:
        dealt.setdefault(stack_of(one.file, stacks), []).append(one)
    return dict(sorted(dealt.items()))
