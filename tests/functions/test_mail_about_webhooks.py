"""The admins get one mail about a webhook endpoint that the service disabled."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, get_args

import pytest

from invoicing.core.event import Recorded
from invoicing.core.identity import Caller, Role
from invoicing.store.session import Session
from invoicing.store.store import Store
from invoicing.tenants.model import Tenant
from invoicing.webhooks.events import WebhookEndpointUpdated
from invoicing.webhooks.model import FAILURES_TO_DISABLE, WebhookEndpoint
from tests.aws import ENVIRONMENT, AwsCalls
from tests.aws_events import boto
from tests.builders import user
from tests.conftest import Clock
from tests.events import deliver, deliver_raw, details
from tests.faults.deaths import Moment, dies_at
from tests.gateway import Client
from tests.mails import deliver_ses_event, sent
from tests.webhooks import Receiver, allow_loopback, customers, listen, pump, receiver
from tests.world import with_key

CALLS = 9
"""The calls of a worker that disables an endpoint: read, unseal, [post], read twice, tenant, admins, two commits."""


@pytest.fixture
def gone(monkeypatch: pytest.MonkeyPatch, aws: object) -> Iterator[Receiver]:
    """A receiver that does not exist any more."""
    allow_loopback(monkeypatch)
    with receiver() as found:
        found.answer = lambda _: (410, {})
        yield found


def disabled(api: Client, target: Receiver, **fields: Any) -> dict[str, Any]:
    """An endpoint that the service disabled after its first delivery."""
    made = listen(api, target.url, **fields)
    customers(api, 1)
    pump()
    return made


def give_up_on(endpoint_id: str, tenant_id: str, at: Clock) -> None:
    """Let an endpoint have failed for days, so that one more failure disables it."""
    store = Store(Session(Caller.system(tenant_id), at.now))
    endpoint = store.get(WebhookEndpoint, endpoint_id)
    failed = {"created_at": at.now - timedelta(days=6), "failures": FAILURES_TO_DISABLE - 1}
    store.record(Recorded(endpoint.model_copy(update=failed), WebhookEndpointUpdated()))


def send(*, requested: int = 1) -> None:
    events = details("webhook.email_requested")
    assert len(events) == requested
    for _ in range(2):
        assert deliver("send_email", *events) == []


def reason() -> str:
    [failed] = details("webhook.email_failed")
    found: str = failed["data"]["details"]["reason"]
    return found


GERMAN = """Guten Tag,

ein Webhook-Endpunkt antwortete, dass es ihn nicht mehr gibt (410), und wurde am 10.03.2026, 13:00 deaktiviert.

{id}: localhost

Die Ereignisse warten bis zu 30 Tage. Nimmt der Empfänger sie wieder an, setzen Sie den Status des Endpunkts auf \
active; dann folgen sie, die ältesten zuerst.

Nordlicht Werkzeuge GmbH"""
ENGLISH = """Hello,

a webhook endpoint responded that it no longer exists (410) and was disabled on Mar\u00a010,\u00a02026, 13:00.

{id}: localhost

The events wait for up to 30 days. Once the receiver accepts them again, set the status of the endpoint to active; \
they follow then, the oldest first.

Nordlicht Werkzeuge GmbH"""
FRENCH = """Bonjour,

un endpoint webhook a répondu qu'il n'existe plus (410) et a été désactivé le 10\u00a0mars\u00a02026, 13:00.

{id}\u00a0: localhost

Les événements attendent jusqu'à 30 jours. Dès que le destinataire les accepte de nouveau, mettez le statut de \
l'endpoint à active\u00a0; ils suivront, les plus anciens d'abord.

Nordlicht Werkzeuge GmbH"""


@pytest.mark.parametrize(
    ("language", "subject", "text"),
    [
        ("de", "Webhook-Endpunkt Shop ist deaktiviert", GERMAN),
        ("en", "Webhook endpoint Shop is disabled", ENGLISH),
        ("fr", "L'endpoint webhook Shop est désactivé", FRENCH),
    ],
)
def test_active_admins_get_one_mail(
    api: Client, tenant: Tenant, gone: Receiver, aws: AwsCalls, language: str, subject: str, text: str
) -> None:
    for role, more in ((Role.ADMIN, {"deactivated": True}), (Role.MEMBER, {})):
        with_key(tenant, user(role, email="nobody@nordlicht.example", **more))
    with_key(tenant, user(Role.ADMIN, email="zwei@nordlicht.example"))
    api.patch("/tenant", {"language": language}).ok()
    made = disabled(api, gone, description="Shop")
    send()
    [mail] = sent(aws)
    assert sorted(mail["Destination"]["ToAddresses"]) == ["admin@nordlicht.example", "zwei@nordlicht.example"]
    content = mail["Content"]["Simple"]
    assert content["Subject"]["Data"] == subject
    assert content["Body"]["Text"]["Data"] == text.format(id=made["id"])
    assert len(details("webhook.email_sent")) == 1


def test_a_failing_endpoint_without_a_description_has_its_host(
    api: Client, gone: Receiver, aws: AwsCalls, at: Clock
) -> None:
    gone.answer = lambda _: (500, {})
    made = listen(api, gone.url)
    customers(api, 1)
    give_up_on(made["id"], api.tenant_id, at)
    pump()
    send()
    [mail] = sent(aws)
    content = mail["Content"]["Simple"]
    assert content["Subject"]["Data"] == "Webhook-Endpunkt localhost ist deaktiviert"
    assert "hat fünf Tage lang kein Ereignis angenommen" in content["Body"]["Text"]["Data"]


@pytest.mark.parametrize("lacking", ["sender", "admins"])
def test_nothing_is_requested_without_a_sender_or_admins(
    api: Client, tenant: Tenant, gone: Receiver, lacking: str
) -> None:
    if lacking == "sender":
        api.patch("/tenant", {"email_sender": None}).ok()
    made = listen(api, gone.url)
    customers(api, 1)
    if lacking == "admins":
        assert api.user is not None
        with_key(tenant, api.user.model_copy(update={"deactivated": True}))
    pump()
    assert details("webhook.email_requested") == []
    assert made["id"] == details("webhook.disabled")[0]["resource"]["id"]


@pytest.mark.parametrize("by", ["activation", "user", "deletion"])
def test_no_mail_is_sent_after_the_endpoint_changed(api: Client, gone: Receiver, aws: AwsCalls, by: str) -> None:
    path = f"/webhook-endpoints/{disabled(api, gone)['id']}"
    if by == "deletion":
        api.delete(path).ok(204)
    else:
        api.patch(path, {"status": "active"}).ok()
    if by == "user":
        api.patch(path, {"status": "disabled"}).ok()
    send()
    assert sent(aws) == []
    assert reason() == "ENDPOINT_CHANGED"


def test_a_bounce_is_recorded_after_the_endpoint_is_deleted(api: Client, gone: Receiver, aws: AwsCalls) -> None:
    made = disabled(api, gone)
    send()
    [mail] = sent(aws)
    api.delete(f"/webhook-endpoints/{made['id']}").ok(204)
    deliver_ses_event("Bounce", mail, "0", bounced=["admin@nordlicht.example"])
    [bounced] = details("webhook.email_bounced")
    assert bounced["data"]["details"]["endpoint_id"] == made["id"]
    disabled(api, gone)
    send(requested=2)
    assert (len(sent(aws)), reason()) == (1, "ADDRESS_SUPPRESSED")


@pytest.mark.parametrize("moment", get_args(Moment))
def test_a_worker_that_dies_at_any_call_requests_one_mail(
    api: Client, gone: Receiver, aws: AwsCalls, at: Clock, moment: Moment
) -> None:
    died = list[str | None]()
    for call in range(1, CALLS + 2):
        made = listen(api, gone.url)
        customers(api, 1)
        url = ENVIRONMENT["WEBHOOK_QUEUE_URL"]
        [message] = boto("sqs").receive_message(QueueUrl=url)["Messages"]
        with dies_at(call, moment, aws) as worker:
            deliver_raw("deliver_webhook", message["Body"])
        died.append(worker.died_at)
        for _ in range(2):
            at.now += timedelta(minutes=6)
            assert deliver_raw("deliver_webhook", message["Body"]) == []
        boto("sqs").delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        about = [one for one in details("webhook.email_requested") if one["resource"]["id"] == made["id"]]
        assert len(about) == 1, (call, died)
        assert deliver("send_email", *about) == []
        assert len(sent(aws)) == call
        api.delete(f"/webhook-endpoints/{made['id']}").ok(204)
    assert died[-1] is None
    assert died.count("TransactWriteItems") == 2
