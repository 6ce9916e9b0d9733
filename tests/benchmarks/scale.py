"""The use of AWS as the data grows: a page of a list, runs over due invoices, and imports of bank statements."""

import gc
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from itertools import batched
from typing import Any, NamedTuple

import pytest

from invoicing.aws import parameters
from invoicing.bank import importing
from invoicing.billing_runs import workflow
from invoicing.core import clock
from invoicing.core.identity import Role
from tests import billing, builders
from tests.aws import ENVIRONMENT, AwsCalls, account, seed
from tests.aws_events import Listener, listening
from tests.bank import busy_month, camt_of, deliver_import, upload, zipped
from tests.builders import rule_json
from tests.conftest import Clock
from tests.events import deliver, details, strike
from tests.gateway import Client
from tests.many import fill, fill_drafts, fill_numbered
from tests.meter import Meter
from tests.subscriptions import subscribe
from tests.world import issue, signed_in

FEW, MANY = 1_000, 100_000
DUE = 10
"""The due invoices of the smaller run; the larger one has four times as many."""
DRAFTS = 95
"""The drafts of the smaller billing run, which are read together; the larger one has four times as many."""
UNITS = 24
"""The subscriptions that are due in the smaller hour; in the larger one they are four times as many."""
DUE_AT_ONCE, HOUR = 10_000, 3_600
"""The subscriptions that are due in one hour on a busy day, and its seconds."""
ENTRIES = 2_500
"""The entries of the smaller bank statement; the larger one has four times as many."""
A_BATCH, BATCHES = 10, 100
"""The events that a consumer gets together, and the batches after which the garbage of the stand-ins is collected."""
CALL_SECONDS = 0.01
"""The time of a call to AWS, beside the processor time of the service."""


class Use(NamedTuple):
    """Calls to AWS and DynamoDB's capacity units."""

    calls: int
    units: float


class Work(NamedTuple):
    """Calls to AWS, the time that they take together with the service's own processor time, and capacity units."""

    calls: int
    seconds: float
    units: float = 0.0


def page_of_a_list(count: int) -> Use:
    """A page of 25 of the invoices of a tenant that has this number of them."""
    with _tenant() as (api, aws, meter, _):
        fill(issue(api), count)
        parameters.secret(ENVIRONMENT["CURSOR_SECRET"])
        return _used("list_invoices", aws, meter, lambda: api.get("/invoices").ok())


def dunning_run(due: int) -> Use:
    """A run in which this number of invoices reaches the first level."""
    with _tenant() as (api, aws, meter, at):
        api.post("/dunning-rules", rule_json()).ok(201)
        for _ in range(due):
            issue(api)
        at.now += timedelta(days=14 + 7)
        return _used("run_dunning", aws, meter, lambda: strike("run_dunning", api.tenant_id))


def billing_run(drafts: int) -> Work:
    """A run that finalizes this number of drafts, each to a customer of its own."""
    with _tenant() as (api, aws, _, _):
        fill_drafts(api.get(f"/invoices/{billing.draft(api, customer_id=billing.customer(api))}").ok(), drafts - 1)
        run = api.post("/billing-runs", {"filter": {}, "brake": {"invoices": drafts}}).ok(202)
        return _measured(aws, lambda: billing.finished(api, aws, run), "advance_run")


def hours_run(due: int) -> Work:
    """An hour in which this number of subscriptions is due, each of a customer of its own."""
    with _tenant() as (api, aws, _, _):
        for _ in range(due):
            subscribe(api, action="finalize")
        return _measured(aws, lambda: billing.bill_hour(api), "collect_due", "bill_units", "advance_run")


def bank_import(entries: int) -> Work:
    """The import of a camt.053 statement with this number of payments, on 20 days."""
    with _tenant() as (api, aws, meter, _), pytest.MonkeyPatch.context() as patch:
        patch.setattr(importing, "WORK_SECONDS", 3_600.0)
        [statement] = upload(api, zipped(camt_of(busy_month(entries))))
        meter.used.clear()
        work = _measured(aws, lambda: deliver_import(statement), "import_bank_statement")
        return work._replace(units=float(sum(meter.used["import_bank_statement"])))


def bank_matching(count: int, among: int) -> Work:
    """The allocation of this number of transactions, each to the invoice that it names among many open ones."""
    name = "allocate_bank_transactions"
    with _tenant() as (api, aws, meter, _):
        fill_numbered(issue(api), among)
        [statement] = upload(api, zipped(camt_of(busy_month(count))))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(importing, "WORK_SECONDS", 3_600.0)
            assert deliver_import(statement) == []
        received = details("bank_transaction.received")
        meter.used.clear()
        calls, seconds = 0, 0.0
        for some in batched(batched(received, A_BATCH, strict=False), BATCHES, strict=False):
            aws.calls.clear()
            part = _measured(aws, partial(_delivered, name, some), name)
            calls, seconds = calls + part.calls, seconds + part.seconds
        [*still_open] = api.get("/bank-transactions?status=open").ok()["data"]
        assert (len(received), still_open) == (count, [])
        return Work(calls, seconds, float(sum(meter.used[name])))


def _delivered(name: str, batches: Iterable[Sequence[dict[str, Any]]]) -> None:
    assert [one for events in batches for one in deliver(name, *events)] == []


def _measured(aws: AwsCalls, do: Callable[[], object], *functions: str) -> Work:
    """The calls of these functions, and the time of all that is done beside the stand-ins for AWS."""
    with pytest.MonkeyPatch.context() as patch, aws.only(*functions) as calls, listening(Stopwatch()) as watch:
        # The stand-ins take longer than AWS, so the time of a message would end earlier, and their tables in this
        # process would slow the collection of garbage.
        patch.setattr(workflow, "WORK_SECONDS", 3_600.0)
        gc.collect()
        gc.disable()
        begun = time.process_time()
        do()
        own = time.process_time() - begun - watch.seconds
        gc.enable()
    return Work(calls.names.total(), own + calls.names.total() * CALL_SECONDS)


class Stopwatch(Listener):
    """The processor time of the stand-ins for AWS in this process."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._begun = 0.0

    def before(self, name: str, params: Mapping[str, Any]) -> None:
        """A call begins."""
        self._begun = time.process_time()

    def after(self, name: str, params: Mapping[str, Any], answer: Any) -> None:
        """A call ends."""
        self.seconds += time.process_time() - self._begun


@contextmanager
def _tenant() -> Iterator[tuple[Client, AwsCalls, Meter, Clock]]:
    at = Clock()
    logging.disable(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch, account() as aws, listening(Meter(aws)) as meter:
        patch.setattr(clock, "now", lambda: at.now)
        company = builders.tenant()
        seed(company.id, company)
        yield signed_in(company, Role.ADMIN), aws, meter, at
    logging.disable(logging.NOTSET)


def _used(function: str, aws: AwsCalls, meter: Meter, do: Callable[[], object]) -> Use:
    meter.used.clear()
    with aws.only(function) as calls:
        do()
    return Use(calls.names.total(), float(sum(meter.used[function])))
