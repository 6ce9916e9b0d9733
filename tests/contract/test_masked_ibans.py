"""IBANs are shown as `DE75…6199`, unless the caller may write files of payments."""

from collections.abc import Iterator
from typing import Any, NamedTuple, get_args

from pydantic import BaseModel

from infra.discovery import endpoints
from invoicing.core.model import Aggregate

NOT_MASKED = {"BankAccount", "CsvColumns", "Mandate", "TenantBankAccount"}
"""Accounts of the tenant, names of columns, and the mandates that are printed on documents."""


class Found(NamedTuple):
    """A model in a response, with the models around it, outermost first."""

    model: type[BaseModel]
    around: tuple[type[BaseModel], ...]

    @property
    def has_ibans(self) -> bool:
        return any(name.endswith("iban") for name in self.model.model_fields)

    @property
    def is_masked(self) -> bool:
        """Whether a resource around it masks it, and the response shows that resource masked."""
        chain = (*self.around, self.model)
        place = next((at for at, one in enumerate(chain) if hasattr(one, "revealed")), None)
        if place is None:
            return False
        outer = chain[:place]
        # The renderer shows resources of lists and of other responses, but not those in other resources.
        return place == 0 or (place == 1 and not issubclass(outer[0], Aggregate))


def models_in(type_: Any, around: tuple[type[BaseModel], ...] = ()) -> Iterator[Found]:
    if isinstance(type_, type) and issubclass(type_, BaseModel):
        if type_ in around:
            return
        yield Found(type_, around)
        for field in type_.model_fields.values():
            yield from models_in(field.annotation, (*around, type_))
    for inner in get_args(type_):
        yield from models_in(inner, around)


def test_responses_mask_their_ibans() -> None:
    """A new model with an IBAN fails here until it is masked, or judged in `NOT_MASKED`."""
    models = [one for _, endpoint in endpoints() for one in models_in(endpoint.response) if one.has_ibans]
    assert {one.model.__name__ for one in models if not one.is_masked} == NOT_MASKED
    assert sum(one.is_masked for one in models) > 20
