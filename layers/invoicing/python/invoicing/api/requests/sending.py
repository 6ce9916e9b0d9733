"""What clients say about how a document reaches its customer."""

from typing import Literal, Self

from pydantic import model_validator
from pydantic_core import PydanticCustomError

from invoicing.domain.mail import MOST_RECIPIENTS, Sending


class SendInvoice(Sending):
    """How a document goes out; without `to` to the customer's own addresses. What is no e-mail is only recorded."""

    channel: Literal["email", "letter", "fax", "other"] = "email"

    @model_validator(mode="after")
    def _few_enough(self) -> Self:
        if len(self.to) + len(self.cc) + len(self.bcc) > MOST_RECIPIENTS:
            raise PydanticCustomError("recipients", "A mail goes to at most 50 addresses")
        return self

    def sending(self, recipients: tuple[str, ...]) -> Sending:
        """The mail's recipients and words; `recipients` are the customer's addresses."""
        said = {name: getattr(self, name) for name in Sending.model_fields}
        return Sending(**{**said, "to": self.to or recipients})
