"""The response to a request: as the client sees it, and without its secrets as it is stored for a repetition."""

import json
from collections.abc import Callable, Iterable
from datetime import date, datetime

from pydantic import BaseModel

from invoicing.core.model import Aggregate, secret_fields, without_internals
from invoicing.core.page import Page
from invoicing.http.declaration import Endpoint
from invoicing.http.responses import Redirect
from invoicing.store.idempotency import StoredResponse
from invoicing.store.table import table_of


class Renderer:
    """Renders the response to one request. The stored response is usually the same, and is then rendered once."""

    def __init__(
        self, endpoint: Endpoint, path: str, now: datetime, day_of: Callable[[datetime], date], *, internals: bool
    ) -> None:
        self._endpoint = endpoint
        self.path = path
        self._now = now
        self._day_of = day_of
        self._internals = internals
        self._stored: tuple[object, StoredResponse] | None = None

    def shown(self, thing: object) -> StoredResponse:
        """The response for the client."""
        if self._stored is not None and self._stored[0] is thing:
            return self._stored[1]
        if thing is None:
            return StoredResponse(204, {}, "")
        if isinstance(thing, Redirect):
            return StoredResponse(
                303 if self._endpoint.redirects_large_files else self._endpoint.status, {"Location": thing.location}, ""
            )
        if not isinstance(thing, BaseModel):
            raise TypeError(f"{type(thing).__name__} is no response")
        version = getattr(thing, "version", None)
        status = 201 if self._endpoint.upserts and version == 1 else self._endpoint.status
        if (self._endpoint.dry_runs and not version) or getattr(thing, "was_known", False):
            status = 200
        headers = {"Content-Type": "application/json"}
        if version:
            headers["ETag"] = f'"{version}"'
        if status == 201 or (status == 202 and self._endpoint.starts_job):
            headers["Location"] = self._location(thing)
        return StoredResponse(status, headers, self._for_caller(thing).model_dump_json(warnings=False))

    def stored(self, thing: object) -> StoredResponse:
        """The response for a repetition. Secrets are null in it, because they are shown only once."""
        response = self.shown(thing)
        secrets = secret_fields(type(thing)) if isinstance(thing, BaseModel) else ()
        if not secrets:
            self._stored = thing, response
            return response
        body = json.loads(response.body) | dict.fromkeys(secrets)
        return response._replace(body=json.dumps(body, separators=(",", ":"), ensure_ascii=False))

    def page(self, page: Page[BaseModel]) -> Page[BaseModel]:
        """A page of a list as the client sees its entries."""
        shown = self._as_of_today(page)
        if not isinstance(shown, Page):
            raise TypeError(f"{type(shown).__name__} is no list")
        return shown if self._internals else without_internals(shown)

    def _location(self, thing: BaseModel) -> str:
        """The path of a created resource: in its own collection if it has one, else below the path of the request."""
        if self._endpoint.upserts:
            return self.path
        named = table_of(type(thing)) if isinstance(thing, Aggregate) else type(thing)
        collection = getattr(named, "collection", None)
        base = f"/{self.path.split('/')[1]}/{collection}" if collection else self.path.rstrip("/")
        return f"{base}/{getattr(thing, 'job_id' if self._endpoint.starts_job else 'id')}"

    def _for_caller(self, thing: BaseModel) -> BaseModel:
        shown = self._as_of_today(thing)
        return shown if self._internals else without_internals(shown)

    def _as_of_today(self, thing: BaseModel) -> BaseModel:
        """A resource as it is shown today, or a list or another response with its resources as they are shown."""
        today = self._day_of(self._now)
        if isinstance(thing, Aggregate):
            return table_of(type(thing)).represented(thing.shown(today), self._day_of)
        changes = {name: _shown(value, today) for name, value in thing if isinstance(value, tuple)}
        return thing.model_copy(update=changes) if changes else thing


def _shown(values: Iterable[object], today: date) -> tuple[object, ...]:
    """The entries of a list, with the resources among them as they are shown."""
    return tuple(one.shown(today) if isinstance(one, Aggregate) else one for one in values)
