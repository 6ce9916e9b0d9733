"""Fixtures of all tests: the environment of a Lambda, and AWS in this process."""

import json
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from statistics import quantiles
from typing import Any

import pytest
from hypothesis import settings
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from invoicing import config
from invoicing.aws.clients import client
from invoicing.core import clock
from invoicing.core.event import Recorded
from invoicing.core.identity import Caller, Role
from invoicing.invoices.events import InvoiceSent, InvoiceUpdated
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.users.model import new_secret
from tests import builders
from tests.aws import ENVIRONMENT, NO_ACCOUNT, AwsCalls, account, seed
from tests.aws_events import boto
from tests.events import deliver, details
from tests.gateway import Client
from tests.logs import follow_the_log, logged, personal_data_in
from tests.world import issue, render, signed_in

# No test depends on the speed of the machine.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


_TOGETHER = "tests/infra/"
"""Files of one worker, because they share layers and synthesized templates."""
_LONGEST = (
    "tests/simulation/",
    _TOGETHER,
    "tests/contract/test_permissions",
    "tests/contract/test_newer",
    "tests/e2e/",
)
"""Files with seconds for each test. They start first, so that no worker ends minutes before the other."""


class OneWorkerForTemplates(LoadFileScheduling):  # type: ignore[misc]
    """Gives each worker whole files, and all files about templates to the same one."""

    def _split_scope(self, nodeid: str) -> str:
        return _TOGETHER if nodeid.startswith(_TOGETHER) else nodeid.partition("::")[0]


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling:
    """Decide which worker runs a test."""
    return OneWorkerForTemplates(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Order the files by how long they take."""
    items.sort(key=lambda item: not item.nodeid.startswith(_LONGEST))


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a real account or sees the environment of another one."""
    for name, value in NO_ACCOUNT.items():
        monkeypatch.setenv(name, value)
    config.setting.cache_clear()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--save-races", action="store_true", help="save how long the calls of the races took")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Print how long the calls of the races took, and save it on request."""
    reports = [report for found in terminalreporter.stats.values() for report in found]
    measured = [
        value
        for report in reports
        for name, value in getattr(report, "user_properties", ())
        if name == "calls" and report.when == "call"
    ]
    durations = {name: percentiles(seconds) for name, seconds in measured}
    if durations:
        terminalreporter.section("calls of concurrent clients")
        terminalreporter.write_line(f"{'':44}{'p50 ms':>8}{'p99 ms':>8}")
    for name, (half, most) in durations.items():
        terminalreporter.write_line(f"{name:44}{half:8}{most:8}")
    if durations and config.getoption("--save-races"):
        # Few runs save them, and the import takes seconds.
        from infra.readme import RACES

        saved = json.loads(RACES.read_text()) if RACES.exists() else {}
        RACES.write_text(json.dumps(saved | durations, indent=1, sort_keys=True) + "\n")


def percentiles(seconds: list[float]) -> tuple[int, int]:
    """The 50th and 99th percentile, in milliseconds."""
    cuts = quantiles(seconds, n=100, method="inclusive")
    return round(cuts[49] * 1000), round(cuts[98] * 1000)


@pytest.fixture(autouse=True, scope="session")
def _log_to_the_present_output() -> None:
    follow_the_log()


@pytest.fixture(autouse=True)
def _logs_have_no_personal_data() -> Iterator[None]:
    """Log groups are kept and searched by operators; only the table and the files hold personal data."""
    logged.clear()
    yield
    assert personal_data_in(logged) == set()


@dataclass
class Clock:
    """A clock that tests set."""

    now: datetime = builders.NOON


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of the service: noon of 10 March 2026 until a test moves it."""
    set_ = Clock()
    monkeypatch.setattr(clock, "now", lambda: set_.now)
    return set_


@pytest.fixture
def secret() -> str:
    """A fresh API key."""
    return new_secret("test")


@pytest.fixture
def aws(at: Clock) -> Iterator[AwsCalls]:
    """An empty account with the data stack's resources."""
    with account() as calls:
        yield calls


@pytest.fixture
def tenant(aws: AwsCalls) -> Tenant:
    """The company whose API the tests call."""
    company = builders.tenant()
    seed(company.id, company)
    return company


@pytest.fixture
def sign_in(tenant: Tenant) -> Callable[..., Client]:
    """Creates a client for a new user of the tenant: `sign_in(Role.MEMBER)`."""

    def client_of(role: Role = Role.ADMIN, *, company: Tenant = tenant, **fields: object) -> Client:
        return signed_in(company, role, **fields)

    return client_of


@pytest.fixture
def api(sign_in: Callable[..., Client]) -> Client:
    """An admin of the tenant."""
    return sign_in()


@pytest.fixture
def einvoicing(api: Client) -> None:
    """Gives the tenant the fields that e-invoices require of a seller."""
    address = {"scheme": "9930", "id": "DE123456788"}
    api.patch("/tenant", {"electronic_address": address, "contact": {"phone": "+49 40 123456"}}).ok()


@pytest.fixture
def issued(api: Client) -> dict[str, Any]:
    """An invoice over 119.00 that was issued today."""
    return issue(api)


@pytest.fixture
def greek(api: Client) -> dict[str, Any]:
    """An invoice that a Greek company issued in Peppol, with the number and MARK that Greece requires."""
    address = {"line1": "Ermou 1", "postal_code": "10563", "city": "Athina", "country": "GR"}
    types = {"invoice": "1.1|A", "credit_note": "5.1|C", "cancellation": "5.1|D"}
    series = {name: {"pattern": f"094259216|{{dd}}/{{mm}}/{{yyyy}}|0|{kind}|{{n}}"} for name, kind in types.items()}
    reached_at = {"electronic_address": {"scheme": "9933", "id": "094259216"}}
    company = {"address": address, "vat_id": "EL094259216", "einvoice_format": "peppol", **reached_at}
    api.patch("/tenant", {**company, "number_series": series}).ok()
    buyer = builders.customer_json(address=address, tax_id="EL094259216", **reached_at)
    customer = api.post("/customers", buyer).ok(201)["id"]
    stated = {"buyer_reference": "K-1", "supporting_documents": [builders.MARK]}
    draft = api.post("/invoices", builders.invoice_json(customer_id=customer, **stated)).ok(201)
    found: dict[str, Any] = api.post(f"/invoices/{draft['id']}/finalize").ok()
    return found


@pytest.fixture
def older_than_a_rule(greek: dict[str, Any], tenant: Tenant) -> dict[str, Any]:
    """That invoice with a VAT id that today's rules refuse, as if it was issued before them."""
    store = Store(Session(Caller.system(tenant.id), builders.NOON))
    stored = store.get(Invoice, greek["id"])
    assert stored.seller
    seller = stored.seller.model_copy(update={"vat_id": "EL094259217"})
    store.commit(Recorded(stored.model_copy(update={"seller": seller}), InvoiceUpdated()))
    return greek


@pytest.fixture
def order(api: Client) -> dict[str, Any]:
    """An order over 119.00 that is not invoiced."""
    customer = api.post("/customers", builders.customer_json()).ok(201)["id"]
    found: dict[str, Any] = api.post("/orders", builders.order_json(customer_id=customer)).ok(201)
    return found


@pytest.fixture
def rendered(api: Client, issued: dict[str, Any], tenant: Tenant, at: Clock) -> dict[str, Any]:
    """The same with a rendered PDF."""
    render(tenant.id, issued, at.now)
    found: dict[str, Any] = api.get(f"/invoices/{issued['id']}").ok()
    return found


@pytest.fixture
def requested(api: Client) -> dict[str, Any]:
    """The event that requests a mail."""
    customer = api.post("/customers", builders.customer_json(language="de")).ok(201)["id"]
    draft = api.post("/invoices", builders.invoice_json(customer_id=customer)).ok(201)["id"]
    api.post(f"/invoices/{draft}/finalize", {"send": True}).ok()
    deliver("render_document", *details("invoice.finalized"))
    [event] = details("email.requested")
    return event


@pytest.fixture
def read(api: Client) -> Callable[[str], dict[str, Any]]:
    """Reads the current state of a document."""

    def document(id_: str) -> dict[str, Any]:
        found: dict[str, Any] = api.get(f"/invoices/{id_}").ok()
        return found

    return document


@pytest.fixture
def mark_sent(tenant: Tenant, at: Clock) -> Callable[[str], None]:
    """Marks a document as sent to its customer."""

    def sent(id_: str) -> None:
        store = Store(Session(Caller.system(tenant.id), at.now))
        store.record(Recorded(store.get(InvoiceSummary, id_).sent(at.now), InvoiceSent()))

    return sent


@pytest.fixture
def stored_text(aws: AwsCalls) -> Callable[[], str]:
    """The whole content of the table, decompressed, as one text."""

    def read() -> str:
        items = client("dynamodb").scan(TableName=ENVIRONMENT["TABLE_NAME"])["Items"]
        parts = [zlib.decompress(bytes(item["part"]["B"])).decode() for item in items if "part" in item]
        return f"{items}{parts}"

    return read


@pytest.fixture
def locks(aws: AwsCalls, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any] | None]:
    """Locks issued documents, as a stage with `object_lock` does. Returns a function that reads the lock of a key."""
    bucket, s3 = ENVIRONMENT["FILES_BUCKET"], boto("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object_lock_configuration(Bucket=bucket, ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})
    monkeypatch.setenv("FILES_RETENTION", "COMPLIANCE 8")
    config.setting.cache_clear()

    def lock_of(key: str) -> dict[str, Any] | None:
        head = s3.head_object(Bucket=bucket, Key=key)
        lock = {name: head[name] for name in ("ObjectLockMode", "ObjectLockRetainUntilDate") if name in head}
        return lock or None

    return lock_of


@pytest.fixture
def stranger(sign_in: Callable[..., Client]) -> Client:
    """An admin of another tenant."""
    other = builders.tenant(name="Andere AG")
    seed(other.id, other)
    return sign_in(company=other)
