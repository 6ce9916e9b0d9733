"""The use of AWS as the data grows: a page of a list, and a run over due invoices."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import NamedTuple

import pytest

from invoicing.aws import parameters
from invoicing.core import clock
from invoicing.core.identity import Role
from tests import builders
from tests.aws import ENVIRONMENT, AwsCalls, account, seed
from tests.aws_events import listening
from tests.builders import rule_json
from tests.conftest import Clock
from tests.events import strike
from tests.gateway import Client
from tests.many import fill
from tests.meter import Meter
from tests.world import issue, signed_in

FEW, MANY = 1_000, 100_000
DUE = 10
"""The due invoices of the smaller run; the larger one has four times as many."""


class Use(NamedTuple):
    """Calls to AWS and DynamoDB's capacity units."""

    calls: int
    units: float


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
