"""The system behind a webhook endpoint of the simulated company."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from invoicing.webhooks.addresses import Targets
from invoicing.webhooks.delivery import WebhookAttempt
from invoicing.webhooks.outgoing import WebhookOutcome
from tests.simulation.interleaving import Interleaving

OUTCOMES: tuple[tuple[int | None, str | None], ...] = ((200, None), (503, None), (500, None), (None, "timeout"))


class Receiver:
    """Gets deliveries instead of the network, and fails by chance as long as it `fails`."""

    def __init__(self, stage: Interleaving) -> None:
        self.stage, self.fails = stage, True
        self.bodies: defaultdict[str, list[str]] = defaultdict(list)
        """The bodies of all requests, by the id of their event."""

    def post(self, _url: str, body: str, headers: Mapping[str, str], _targets: Targets, at: datetime) -> WebhookOutcome:
        """Take a request, while others go on."""
        self.stage.pause()
        self.bodies[headers["webhook-id"]].append(body)
        status, error = self.stage.chance.choice(OUTCOMES) if self.fails else OUTCOMES[0]
        wait = timedelta(minutes=2) if status == 503 else None
        return WebhookOutcome(WebhookAttempt(at=at, status_code=status, error=error, duration_ms=1), wait)
