"""The entries of the timeline: comments and recorded changes, in one append-only stream.

The store writes an entry with each event. Which changes a comment accepts is decided in `timeline/model.py`.
"""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field

from invoicing.core.identity import ERASED, Author, Caller, Role
from invoicing.core.ids import ULID
from invoicing.core.model import Instant, Internal, Value, clean

_ADDRESSED = {"to", "addresses", "message"}
"""The fields of entries about e-mails that may contain addresses: recipients, and messages of SES."""
_MENTION = re.compile(rf"@(usr_{ULID})")

ActionKey = Literal[
    "COMMENT", "CREATE", "COPY", "CREATE_FROM_OFFER", "CREATE_FROM_INVOICE", "CREATE_FROM_RECURRING", "STATUS",
    "PAYMENT", "PAYMENT_ERROR", "DELETE_PAYMENT", "MAIL", "LETTER", "FAX", "SIGN", "SIGN_MAIL", "CANCEL", "ERROR_MAIL",
    "CREATE_CREDIT_NOTE", "REMINDER_CREATE", "REMINDER_STATUS", "REMINDER_MAIL", "REMINDER_ERROR_MAIL",
    "REMINDER_LETTER", "REMINDER_FAX", "REMINDER_SIGN", "REMINDER_SIGN_MAIL", "REMINDER_CANCEL", "REMINDER_DELETE",
    "EDIT", "FINALIZE", "REACTIVATE", "CLOSE", "NOTE", "DOWNLOAD",
]  # fmt: skip
"""One of the 28 action keys of Billomat, or `EDIT`, `FINALIZE`, `REACTIVATE`, `CLOSE`, `NOTE` or `DOWNLOAD`."""

MOST_CHARACTERS = 1_500
CommentText = Annotated[
    str, AfterValidator(clean), Field(min_length=1, max_length=MOST_CHARACTERS, examples=["Call first"])
]
"""1 to 1,500 characters after Unicode normalization (NFC) and trimming."""


class Activity(Value):
    """An entry of a document's timeline: a comment of a user, or a change that the service recorded."""

    object: Literal["activity"] = "activity"
    id: str
    """Unique identifier of the entry: `act_` followed by a ULID."""
    version: int = 0
    """Number of changes to this entry so far, starting at 1."""
    invoice_id: str | None
    """Identifier of the document that the entry is about; null for entries about other objects."""
    type: str
    """Event that the entry records, such as `commented`, `finalized` or `payment_recorded`. New types can be added."""
    action_key: ActionKey
    """Kind of the entry."""
    comment: str | None = None
    """Text of the comment, with mentioned users shown by name; null for recorded changes without a text."""
    raw_comment: str | None = None
    """Text of the comment as it was written, with mentions as `@usr_…`."""
    public: bool = False
    """Whether the customer can see the entry in the portal and on the invoice page."""
    pinned: bool = False
    """Whether the entry is shown above the others."""
    mentions: tuple[str, ...] = ()
    """Identifiers of the users that the comment mentions."""
    user: Author | None = None
    """Author of the entry; null for changes that the service made itself, and for comments of the customer."""
    by_customer: bool = False
    """Whether the customer wrote the comment, on the invoice page."""
    metadata: Annotated[dict[str, Any], Internal] = Field(default_factory=dict)
    """Details of the event, such as the amount of a payment. The keys depend on `type`."""
    created_at: Instant
    """When the entry was recorded."""
    deleted_at: Instant | None = None
    """When the comment was deleted; only this tombstone remains. Null otherwise."""

    @property
    def forgets(self) -> bool:
        """Whether the comment was deleted and only its tombstone is left."""
        return self.deleted_at is not None

    @property
    def people(self) -> frozenset[str]:
        """The users whose names the entry shows."""
        return frozenset(self._mentioned) | ({self.user.id} if self.user else frozenset())

    @property
    def _mentioned(self) -> tuple[str, ...]:
        """The users that the comment mentions. Customers mention nobody: they would learn the users' names."""
        return () if self.by_customer else mentioned(self.raw_comment or "")

    def visible_to(self, caller: Caller) -> bool:
        """Customers see public entries."""
        return self.public or caller.role is not Role.CUSTOMER

    def naming(self, users: Mapping[str, Author]) -> Self:
        """The entry with mentions as names (C06). Unknown users stay text (C07)."""
        raw, shown = self.raw_comment, {} if self.by_customer else users
        return self.model_copy(
            update={
                "comment": raw and _MENTION.sub(lambda found: _name(found, shown), raw),
                "mentions": tuple(id_ for id_ in self._mentioned if id_ in users),
                "user": users.get(self.user.id, self.user) if self.user else None,
            }
        )

    def erased(self, people: Collection[str]) -> Self:
        """The entry without e-mail addresses and the customer's own texts.

        It also loses the author's name if it is one of these users.
        """
        kept = {name: value for name, value in self.metadata.items() if name not in _ADDRESSED}
        changes: dict[str, Any] = {"metadata": kept if "mail_id" in self.metadata else self.metadata}
        if self.by_customer and self.raw_comment is not None:
            changes |= {"comment": ERASED, "raw_comment": ERASED}
        if self.user is not None and self.user.id in people:
            changes["user"] = Author(
                id=self.user.id, first_name=ERASED, last_name=ERASED, full_name=ERASED, initials=ERASED, email=None,
                gravatar_url=None, deactivated=True,
            )  # fmt: skip
        return self.model_copy(update=changes)


def mentioned(raw: str) -> tuple[str, ...]:
    """The users that a text mentions as `@usr_…`, each once, in order."""
    return tuple(dict.fromkeys(_MENTION.findall(raw)))


def _name(found: re.Match[str], users: Mapping[str, Author]) -> str:
    user = users.get(found.group(1))
    return f"@{user.full_name}" if user else found.group()
