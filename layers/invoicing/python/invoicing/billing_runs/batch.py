"""The drafts that a run finalizes next, read together with their customers, forms and counters."""

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import takewhile
from types import MappingProxyType
from typing import NamedTuple, Self

from pydantic import ValidationError

from invoicing.billing_runs.model import BillingRun
from invoicing.billing_runs.outcome import NotWritten
from invoicing.customers.model import Customer
from invoicing.customers.table import customer_in, party_keys
from invoicing.document_forms.design import IssuedForm
from invoicing.document_forms.keys import form_key
from invoicing.document_forms.workflow import forms_for
from invoicing.invoices.model import Invoice
from invoicing.invoices.table import drafts_at
from invoicing.issuing.workflow import Issuing
from invoicing.numbering.table import Counter, counter_in, keys_to_issue
from invoicing.outbox.deferring import may_pass
from invoicing.store.keys import Item, Key
from invoicing.store.reading import items_at
from invoicing.store.retry import LOST_RACES
from invoicing.store.store import Store
from invoicing.subscriptions.model import SubscriptionSummary
from invoicing.subscriptions.table import subscription_key
from invoicing.tenants.model import Tenant
from invoicing.tenants.table import tenant_in

MOST_LINES = 3_000
"""The lines after which a batch reads no more drafts, however few they are: about 12 MB of memory."""


def may_be_repeated(error: Exception, *, stuck: bool) -> bool:
    """Whether the same block can be committed later. A race that is lost for long is an error of its content."""
    return may_pass(error) and not (stuck and isinstance(error, LOST_RACES))


def with_rejection(rejected: Mapping[str, Exception], id_: str, error: Exception) -> dict[str, Exception]:
    """Why transactions fail, after that of one id alone failed. Its second failure is that of the run."""
    if id_ in rejected:
        raise error
    return {**rejected, id_: NotWritten.because(error)}


class Batch(NamedTuple):
    """Drafts by their ids, and the items that finalizing them needs."""

    run: BillingRun
    ids: Sequence[str]
    """The documents that were read or are left out."""
    drafts: Mapping[str, Invoice | Exception | None]
    """The drafts that are not left out: None for a document that is none any more, or the error of reading it."""
    skipped: frozenset[str]
    """Ids that are left out by request."""
    tenant: Tenant
    found: Mapping[Key, Item]
    counters: Mapping[Key, Counter] = MappingProxyType({})
    """The counters after the numbers that earlier blocks of the batch took."""
    rejected: Mapping[str, Exception] = MappingProxyType({})
    """Why the transaction of a draft fails, by its id."""

    def draft(self, id_: str) -> Invoice | None:
        """One of the drafts; None if it is no draft any more. Raises the error of reading it."""
        found = self.drafts.get(id_)
        if isinstance(found, Exception):
            raise found
        return found

    def after(self, counters: Mapping[Key, Counter]) -> Self:
        """The batch after a block that took numbers."""
        return self._replace(counters={**self.counters, **counters})

    def rejecting(self, id_: str, error: Exception) -> Self:
        """The batch after the transaction of one draft alone failed."""
        return self._replace(rejected=with_rejection(self.rejected, id_, error))

    def require_accepted(self, draft: Invoice) -> None:
        """Raise the failure of the draft's transaction, if it has one."""
        if draft.id in self.rejected:
            raise self.rejected[draft.id]

    def parties(self, store: Store, draft: Invoice, counters: Mapping[Key, Counter]) -> Issuing[Customer | None]:
        """The parties of a draft and its counter, after the numbers that its block takes."""
        issued = _issue_date(self.run, draft) or self.tenant.today(store.session.now)
        counter = counter_in(self.found, self.tenant, draft.series, issued)
        taken = counters.get(counter.key) or self.counters.get(counter.key)
        customer = customer_in(store, self.found, draft.customer_id)
        return Issuing(self.tenant, customer, counter.at(taken.state) if taken and taken.state else counter)

    def subscription(self, store: Store, draft: Invoice) -> SubscriptionSummary | None:
        """The subscription that a draft bills, if it bills one."""
        for id_ in draft.subscription_ids:
            return store.take(SubscriptionSummary, self.found[subscription_key(store.tenant_id, id_)])
        return None

    def form(self, store: Store, draft: Invoice, customer: Customer | None) -> IssuedForm | None:
        """The form of a draft: its own, else its customer's, else the tenant's. A deleted one is not chosen."""
        from invoicing.document_forms.model import DocumentForm

        keys = (form_key(store.tenant_id, one) for one in forms_for(draft, customer, self.tenant))
        form = next((store.take(DocumentForm, self.found[key]) for key in keys if key in self.found), None)
        return None if form is None else form.issued(draft.language)


def batch_of(store: Store, run: BillingRun, ids: Sequence[str], skipped: frozenset[str]) -> Batch:
    """Read the first drafts with these ids: a call for each hundred items, and one or two for all parties."""
    tenant_id, drafts = store.tenant_id, _first_drafts(store, [one for one in ids if one not in skipped])
    read = tuple(takewhile(lambda one: one in skipped or one in drafts, ids))
    readable = [one for one in drafts.values() if isinstance(one, Invoice)]
    parties: dict[Key, None] = dict.fromkeys(party_keys(tenant_id, None))
    for draft in readable:
        wanted = keys_to_issue(tenant_id, draft.series, _issue_date(run, draft), store.session.now)
        billed = [subscription_key(tenant_id, one) for one in draft.subscription_ids]
        parties |= dict.fromkeys([*party_keys(tenant_id, draft.customer_id), *wanted, *billed])
    found = items_at(list(parties))
    tenant = tenant_in(store, found)
    forms: set[str] = set()
    for draft in readable:
        forms |= set(forms_for(draft, _customer(store, found, draft), tenant))
    if forms:
        found |= items_at([form_key(tenant_id, one) for one in sorted(forms)])
    return Batch(run, read, drafts, skipped, tenant, found)


def _first_drafts(store: Store, ids: Sequence[str]) -> dict[str, Invoice | Exception | None]:
    """The first drafts with these ids, until they have too many lines together."""
    read: dict[str, Invoice | Exception | None] = {}
    lines = 0
    for id_, draft in drafts_at(store, ids):
        read[id_] = draft
        lines += len(draft.lines) if isinstance(draft, Invoice) else 0
        if lines >= MOST_LINES:
            break
    return read


def _customer(store: Store, found: Mapping[Key, Item], draft: Invoice) -> Customer | None:
    """The customer of a draft, if it can be read. Any other refuses or fails the draft later."""
    if not set(party_keys(store.tenant_id, draft.customer_id)) <= found.keys():
        return None
    try:
        return customer_in(store, found, draft.customer_id)
    except ValidationError:
        return None


def _issue_date(run: BillingRun, draft: Invoice) -> date | None:
    return run.issue_date or draft.issue_date
