"""Weeks of dunning in which SES refuses mails and mails bounce, while workers die and messages are repeated.

In any case, a level counts only if its document was delivered, each level is delivered at most once and in order, and
no fee is due for an undelivered document.
"""

import random
from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from functions.events import render_dunning_document
from invoicing.aws import email
from tests.aws import AwsCalls
from tests.builders import NOON, rule_json
from tests.conftest import Clock
from tests.events import details
from tests.gateway import Client
from tests.mails import deliver_ses_event
from tests.simulation.test_dunning import Month, hours
from tests.world import issue

FEES = {1: "5.00", 2: "10.00", 3: "20.00"}


class Post:
    """SES with faults: it refuses some mails, and some accepted ones bounce within the hour."""

    def __init__(self, api: Client, aws: AwsCalls, chance: random.Random) -> None:
        self.api, self.aws, self.chance = api, aws, chance
        self.seen = self.corrected = 0
        self.fates: Counter[str] = Counter()
        self.send = email.send

    def take(self, *args: Any, **kwargs: Any) -> str:
        """Accept a mail, or refuse it permanently."""
        if self.chance.random() < 0.2:
            self.fates["refused"] += 1
            raise email.Refused("MessageRejected")
        return self.send(*args, **kwargs)

    def report(self) -> None:
        """Publish the bounces. A user then corrects the customer's address."""
        mails = [call.params for call in self.aws.calls if call.name == "ses:SendEmail"]
        for mail in mails[self.seen :]:
            if self.chance.random() < 0.7:
                continue
            self.fates["bounced"] += 1
            bounced = list(mail["Destination"]["ToAddresses"])
            deliver_ses_event("Bounce", mail, f"bounced-{self.fates['bounced']}", bounced=bounced)
            tags = {tag["Name"]: tag["Value"] for tag in mail["EmailTags"]}
            invoice = self.api.get(f"/invoices/{tags['invoice_id']}").ok()
            self.corrected += 1
            address = f"corrected-{self.corrected}@suess.example"
            self.api.patch(f"/customers/{invoice['customer_id']}", {"emails": [address]}).ok()
        self.seen = len(mails)


@pytest.mark.parametrize(
    ("invoices", "days", "seed"), [(4, 12, 287_17), pytest.param(20, 25, 2011_7, marks=pytest.mark.slow)]
)
def test_only_delivered_levels_count_and_cost(
    api: Client, aws: AwsCalls, at: Clock, monkeypatch: pytest.MonkeyPatch, invoices: int, days: int, seed: int
) -> None:
    monkeypatch.setattr(render_dunning_document, "render_dunning_letter", lambda *_, **__: b"%PDF-1.7 a stand-in")
    for level, fee in FEES.items():
        rule = rule_json(level=level, days_overdue=2, due_in_days=1, type="dunning", fees={"EUR": fee})
        api.post("/dunning-rules", rule).ok(201)
    chance = random.Random(seed)
    month, post = Month(api, aws, at, chance), Post(api, aws, chance)
    monkeypatch.setattr(email, "send", post.take)
    issued = [issue(api)["id"] for _ in range(invoices)]
    for now in hours(NOON.replace(hour=0) + timedelta(days=15), days, range(22, 24)):
        at.now = now
        month.run_hour()
        post.report()
    assert (month.queue, month.soon) == ([], [])
    assert post.fates["refused"]
    assert post.fates["bounced"]
    for invoice_id in issued:
        _only_delivered_levels_count(api, invoice_id)
    skipped = [one["data"]["details"] for one in details("dunning.skipped")]
    canceled = [one["data"]["details"]["document_id"] for one in details("dunning.document_canceled")]
    told = Counter(one["document_id"] for one in skipped if one["reason"] == "undelivered")
    assert told == Counter(canceled)
    assert max(told.values()) == 1


def _only_delivered_levels_count(api: Client, invoice_id: str) -> None:
    documents = api.get(f"/dunning-documents?invoice_id={invoice_id}&limit=100").ok()["data"]
    documents.sort(key=lambda one: str(one["number"]))
    sent = [one for one in documents if one["status"] == "sent"]
    assert {one["status"] for one in documents} <= {"sent", "canceled"}
    assert [one["level"] for one in sent] == list(range(1, len(sent) + 1))
    assert all(one["cancel_reason"] == "undeliverable" for one in documents if one["status"] == "canceled")
    for number, one in enumerate(documents):
        delivered = [earlier for earlier in documents[:number] if earlier["status"] == "sent"]
        assert one["level"] == len(delivered) + 1, "the next level after those that were delivered"
    dunning = api.get(f"/invoices/{invoice_id}").ok()["dunning"]
    owed = sum((Decimal(FEES[one["level"]]) for one in sent), Decimal(0))
    assert (dunning["level"], Decimal(dunning["fees_due"])) == (len(sent), owed)
    assert [charge["level"] for charge in dunning["charges"]] == [one["level"] for one in sent]
    if sent:
        assert (dunning["last_at"], Decimal(sent[-1]["fees"])) == (sent[-1]["issue_date"], owed)
