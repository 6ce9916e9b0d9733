"""The response of a handler: the one for the client, and the one without secrets that is stored for repetitions."""

import json
from collections.abc import Callable
from datetime import date, datetime

from pydantic import BaseModel

from invoicing.core.model import secret_fields, without_internals
from invoicing.core.page import Page
from invoicing.http.declaration import Endpoint
from invoicing.http.responses import Redirect
from invoicing.invoices.key_figures import kpis_of
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.issuing.warnings import warnings_of
from invoicing.store.idempotency import StoredResponse


class Renderer:
    """Renders the response to one request. The stored response is usually the same, and is then rendered once."""

    def __init__(
        self, endpoint: Endpoint, path: str, now: datetime, day_of: Callable[[datetime], date], *, internals: bool
    ) -> None:
        self._endpoint = endpoint
        self._path = path
        self._now = now
        self._day_of = day_of
        self._internals = internals
        self._kept: tuple[object, StoredResponse] | None = None

    def shown(self, thing: object) -> StoredResponse:
        """The response for the client."""
        if self._kept is not None and self._kept[0] is thing:
            return self._kept[1]
        if thing is None:
            return StoredResponse(204, {}, "")
        if isinstance(thing, Redirect):
            return StoredResponse(302, {"Location": thing.location}, "")
        if not isinstance(thing, BaseModel):
            raise TypeError(f"{type(thing).__name__} is no answer")
        version = getattr(thing, "version", None)
        status = 201 if self._endpoint.upserts and version == 1 else self._endpoint.status
        headers = {"Content-Type": "application/json"}
        if version is not None:
            headers["ETag"] = f'"{version}"'
        if status == 201:
            headers["Location"] = self._location(thing)
        return StoredResponse(status, headers, self._for_caller(thing).model_dump_json(warnings=False))

    def kept(self, thing: object) -> StoredResponse:
        """The response for a repetition. Secrets are null in it, because they are shown only once."""
        answer = self.shown(thing)
        secrets = secret_fields(type(thing)) if isinstance(thing, BaseModel) else ()
        if not secrets:
            self._kept = thing, answer
            return answer
        body = json.loads(answer.body) | dict.fromkeys(secrets)
        return answer._replace(body=json.dumps(body, separators=(",", ":"), ensure_ascii=False))

    def _location(self, thing: BaseModel) -> str:
        """The path of a created resource: below the path of the request, or that path itself.

        Documents have a top-level path.
        """
        if self._endpoint.upserts:
            return self._path
        base = f"/{self._path.split('/')[1]}/invoices" if isinstance(thing, InvoiceSummary) else self._path.rstrip("/")
        return f"{base}/{getattr(thing, 'id')}"  # noqa: B009 — any created resource

    def _for_caller(self, thing: BaseModel) -> BaseModel:
        shown = self._as_of_today(thing)
        return shown if self._internals else without_internals(shown)

    def _as_of_today(self, thing: BaseModel) -> BaseModel:
        if isinstance(thing, InvoiceSummary):
            shown = thing.shown(self._day_of(self._now))
            if not isinstance(shown, Invoice):
                return shown
            derived = {"kpis": kpis_of(shown, self._day_of), "warnings": tuple(warnings_of(shown))}
            return shown.listed.model_copy(update=derived)
        if isinstance(thing, Page):
            today = self._day_of(self._now)
            data = tuple(one.shown(today) if isinstance(one, InvoiceSummary) else one for one in thing.data)
            return thing.model_copy(update={"data": data})
        return thing
