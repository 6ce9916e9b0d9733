"""Commits under faults of AWS: each call may fail, be repeated, or succeed with a lost response."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from invoicing.aws.clients import client
from invoicing.aws.errors import ClientError
from invoicing.core.errors import ConcurrentModification, OutcomeUnknown, VersionMismatch
from invoicing.core.event import Change, Recorded
from invoicing.core.identity import Caller, Moment
from invoicing.core.ids import new_id
from invoicing.invoices.drafts.model import NewInvoice
from invoicing.invoices.events import InvoiceCreated, InvoiceFinalized, InvoiceUpdated
from invoicing.invoices.lifecycle import Status
from invoicing.invoices.model import Invoice
from invoicing.issuing.workflow import issue, parties_and_counter
from invoicing.store import transaction
from invoicing.store.session import IfMatch, Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from tests.aws import AwsCalls
from tests.aws_events import LOST, NOT_SENT, client_error
from tests.builders import NOON
from tests.events import outbox


@pytest.fixture
def store(tenant: Tenant) -> Store:
    """The tenant's table, as the service itself sees it."""
    return Store(Session(Caller.system(tenant.id), NOON))


@pytest.fixture
def draft(tenant: Tenant) -> Invoice:
    """A draft that is not yet stored."""
    return Invoice.draft(
        new_id("inv", NOON),
        NewInvoice(),
        customer=None,
        tenant=tenant,
        moment=Moment(Caller.system(tenant.id), NOON, "UTC"),
    )


@pytest.fixture
def wire(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Makes calls of DynamoDB fail before or after they are carried out, this number of times."""

    def install(operation: str, error: Exception, *, after: bool, times: int) -> None:
        real: Any = client("dynamodb")
        left = [times]

        class Faulty:
            def __getattr__(self, name: str) -> Any:
                call = getattr(real, name)
                if name != operation:
                    return call

                def faulty(**asked: Any) -> Any:
                    if not left[0]:
                        return call(**asked)
                    left[0] -= 1
                    if after:
                        call(**asked)
                    raise error

                return faulty

        monkeypatch.setattr(transaction, "client", lambda _: Faulty())
        monkeypatch.setattr("invoicing.store.reading.client", lambda _: Faulty())

    return install


def canceled(*codes: str) -> Exception:
    reasons = [{"Code": code} for code in codes]
    return client_error("TransactWriteItems", 400, "TransactionCanceledException", CancellationReasons=reasons)


def failed(code: str) -> Exception:
    return client_error("TransactWriteItems", 500 if code == "InternalServerError" else 400, code)


def test_a_commit_with_a_lost_response_happens_once(store: Store, draft: Invoice, wire: Callable[..., None]) -> None:
    wire("transact_write_items", LOST, after=True, times=1)
    store.commit(Recorded(draft, InvoiceCreated()))
    assert (store.get(Invoice, draft.id).version, len(outbox())) == (1, 1)


def test_a_lost_call_has_an_unknown_outcome(store: Store, draft: Invoice, wire: Callable[..., None]) -> None:
    wire("transact_write_items", NOT_SENT, after=False, times=1)
    with pytest.raises(OutcomeUnknown):
        store.commit(Recorded(draft, InvoiceCreated()))
    assert outbox() == []


@pytest.mark.parametrize("code", ["InternalServerError", "ThrottlingException", "TransactionInProgressException"])
@pytest.mark.parametrize("after", [True, False])
def test_a_transient_fault_is_retried_without_a_second_effect(
    store: Store, draft: Invoice, wire: Callable[..., None], code: str, after: bool
) -> None:
    wire("transact_write_items", failed(code), after=after, times=2)
    store.commit(Recorded(draft, InvoiceCreated()))
    assert (store.get(Invoice, draft.id).version, len(outbox())) == (1, 1)


def test_a_conflicting_transaction_is_retried(store: Store, draft: Invoice, wire: Callable[..., None]) -> None:
    wire("transact_write_items", canceled("TransactionConflict", "None", "None"), after=False, times=3)
    assert store.commit(Recorded(draft, InvoiceCreated())).version == 1


def test_lasting_contention_is_an_error(
    store: Store, draft: Invoice, wire: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transaction, "PATIENCE_SECONDS", 0.05)
    wire("transact_write_items", canceled("TransactionConflict", "None", "None"), after=False, times=1_000)
    with pytest.raises(ConcurrentModification):
        store.commit(Recorded(draft, InvoiceCreated()))


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("ThrottlingException", ConcurrentModification),
        ("TransactionInProgressException", ConcurrentModification),
        ("InternalServerError", OutcomeUnknown),
    ],
)
def test_a_refused_write_is_contention_and_a_lost_one_unknown(
    store: Store, draft: Invoice, wire: Callable[..., None], monkeypatch: pytest.MonkeyPatch, code: str, said: Any
) -> None:
    monkeypatch.setattr(transaction, "PATIENCE_SECONDS", 0.05)
    wire("transact_write_items", failed(code), after=False, times=1_000)
    with pytest.raises(said):
        store.commit(Recorded(draft, InvoiceCreated()))


def test_an_unreadable_proof_leaves_the_outcome_unknown(
    store: Store, draft: Invoice, wire: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    wire("transact_write_items", failed("InternalServerError"), after=True, times=1)
    monkeypatch.setattr("invoicing.store.transaction.item_at", _unanswered)
    with pytest.raises(OutcomeUnknown):
        store.commit(Recorded(draft, InvoiceCreated()))


def _unanswered(_: object) -> None:
    raise LOST


def test_a_permanent_error_is_raised_unchanged(store: Store, draft: Invoice, wire: Callable[..., None]) -> None:
    wire("transact_write_items", failed("AccessDeniedException"), after=False, times=1)
    with pytest.raises(ClientError, match="AccessDenied"):
        store.commit(Recorded(draft, InvoiceCreated()))


def test_the_second_change_of_one_version_is_refused(store: Store, draft: Invoice, tenant: Tenant) -> None:
    store.commit(Recorded(draft, InvoiceCreated()))
    other = Store(Session(Caller.system(tenant.id), NOON))
    mine, theirs = store.get(Invoice, draft.id), other.get(Invoice, draft.id)
    other.commit(Recorded(theirs.model_copy(update={"title": "theirs"}), InvoiceUpdated()))
    with pytest.raises(ConcurrentModification):
        store.commit(Recorded(mine.model_copy(update={"title": "mine"}), InvoiceUpdated()))
    assert store.get(Invoice, draft.id).title == "theirs"


def test_with_if_match_a_lost_race_compares_versions_again(store: Store, draft: Invoice, tenant: Tenant) -> None:
    store.commit(Recorded(draft, InvoiceCreated()))
    careful = Store(Session(Caller.system(tenant.id), NOON, IfMatch(draft.id, 1)))
    mine = careful.get(Invoice, draft.id)
    store.commit(Recorded(store.get(Invoice, draft.id).model_copy(update={"title": "theirs"}), InvoiceUpdated()))
    with pytest.raises(ConcurrentModification):
        careful.commit(Recorded(mine.model_copy(update={"title": "mine"}), InvoiceUpdated()))
    with pytest.raises(VersionMismatch):
        careful.get(Invoice, draft.id)


def test_a_lost_race_for_a_number_takes_the_one_after_it(store: Store, draft: Invoice, tenant: Tenant) -> None:
    tenants = [draft, draft.model_copy(update={"id": new_id("inv", NOON)})]
    for one in tenants:
        store.commit(Recorded(one, InvoiceCreated()))
    counters = [parties_and_counter(store, None, "invoice", NOON.date()).counter for _ in tenants]
    assert len({counter.number for counter in counters}) == 1
    numbers = []
    for one, counter in zip(tenants, counters, strict=True):
        stored = store.get(Invoice, one.id)

        def decide(number: str, stored: Invoice = stored) -> list[Change]:
            return [Recorded(stored.model_copy(update={"number": number}), InvoiceFinalized(number=number))]

        numbers.append(issue(store, Invoice, counter, decide).number)
    assert numbers == ["INV-2026-000001", "INV-2026-000002"]


def test_the_first_number_of_a_year_can_be_set(store: Store, draft: Invoice, tenant: Tenant) -> None:
    series = tenant.number_series["invoice"].model_copy(update={"first_number": 471, "first_year": 2026})
    assert (series.number(series.start(NOON.date()), NOON.date()), series.start(NOON.date().replace(year=2027))) == (
        "INV-2026-000471",
        1,
    )


def test_content_is_written_while_it_changes_and_never_after(store: Store, draft: Invoice, aws: AwsCalls) -> None:
    def content_written() -> bool:
        writes = aws.calls[-1].params["TransactItems"]
        return any(write["Put"]["Item"]["SK"]["S"].startswith("#BODY#") for write in writes if "Put" in write)

    store.commit(Recorded(draft, InvoiceCreated()))
    assert content_written()
    assert not [write for write in aws.calls[-1].params["TransactItems"] if "Delete" in write]
    stored = store.get(Invoice, draft.id)
    store.commit(Recorded(stored.model_copy(update={"status": Status.OPEN}), InvoiceUpdated()))
    assert not content_written()
    assert store.get(Invoice, draft.id).lines == draft.lines


def test_an_event_names_the_changed_fields(store: Store, draft: Invoice) -> None:
    store.commit(Recorded(draft, InvoiceCreated()))
    store.commit(Recorded(store.get(Invoice, draft.id).model_copy(update={"title": "neu"}), InvoiceUpdated()))
    detail = next(row for row in outbox() if row["detail_type"]["S"] == "invoice.updated")["detail"]["S"]
    assert json.loads(detail)["data"]["changed"] == ["title"]
    assert len(detail) < 16_000


def test_a_change_without_an_event_is_a_programming_error(store: Store, draft: Invoice) -> None:
    with pytest.raises(AssertionError):
        store.commit(draft)
