"""The timeline of a document: comments and recorded changes, in one append-only stream."""

import re
from collections.abc import Collection, Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, Field

from invoicing.core.errors import AccessDenied, Invalid
from invoicing.core.identity import ERASED, Author, Caller, Moment, Role
from invoicing.core.ids import ULID
from invoicing.core.model import Instant, Internal, Value, clean, instant_text
from invoicing.timeline.errors import ActivityImmutable, ActivityNotFound, TooManyEdits

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

CommentText = Annotated[str, AfterValidator(clean), Field(min_length=1, max_length=1_500, examples=["Call first"])]
"""1 to 1,500 characters after Unicode normalization (NFC) and trimming."""
MOST_EDITS = 50
"""How often a comment can be edited: each former text stays with it."""


class CommentData(Value):
    """The fields of a comment that can be changed."""

    comment: CommentText | None = None
    """New text of the comment. Only its author can change it; the previous text stays in `metadata`."""
    public: bool = False
    """Whether the customer can see the entry in the portal."""
    pinned: bool = False
    """Whether the entry is shown above the others."""


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
    """Whether the customer can see the entry in the portal."""
    pinned: bool = False
    """Whether the entry is shown above the others."""
    mentions: tuple[str, ...] = ()
    """Identifiers of the users that the comment mentions."""
    user: Author | None = None
    """Author of the entry; null for changes that the service made itself."""
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
        return frozenset(mentioned(self.raw_comment or "")) | ({self.user.id} if self.user else frozenset())

    def visible_to(self, caller: Caller) -> bool:
        """Customers see public entries."""
        return self.public or caller.role is not Role.CUSTOMER

    def naming(self, users: Mapping[str, Author]) -> Self:
        """The entry with mentions as names (C06). Unknown users stay text (C07)."""
        raw = self.raw_comment
        return self.model_copy(
            update={
                "comment": raw and _MENTION.sub(lambda found: _name(found, users), raw),
                "mentions": tuple(id_ for id_ in mentioned(raw or "") if id_ in users),
                "user": users.get(self.user.id, self.user) if self.user else None,
            }
        )

    @property
    def data(self) -> CommentData:
        """The fields that can be changed."""
        return CommentData(comment=self.raw_comment, public=self.public, pinned=self.pinned)

    def changed(self, data: CommentData, moment: Moment) -> Self:
        """The entry after a change; the previous text of a comment stays in its `metadata`."""
        if self.deleted_at is not None:
            raise ActivityNotFound
        shown = {"public": data.public, "pinned": data.pinned}
        if data.comment == self.raw_comment:
            return self.model_copy(update=shown)
        if self.action_key != "COMMENT":
            raise ActivityImmutable
        if moment.by.user is None or self.user is None or moment.by.user.id != self.user.id:
            raise AccessDenied("Only the author can change the text of a comment.")
        if data.comment is None:
            raise Invalid("A comment cannot be empty; delete it instead.", pointer="/comment")
        edits = [*self.metadata.get("edits", ()), {"comment": self.raw_comment, "until": instant_text(moment.at)}]
        if len(edits) > MOST_EDITS:
            raise TooManyEdits(pointer="/comment")
        text = {"comment": data.comment, "raw_comment": data.comment, "mentions": mentioned(data.comment)}
        return self.model_copy(update={**shown, **text, "metadata": {**self.metadata, "edits": edits}})

    def erased(self, people: Collection[str]) -> Self:
        """The entry without e-mail addresses, and without the author's name if it is one of these users."""
        kept = {name: value for name, value in self.metadata.items() if name not in _ADDRESSED}
        changes: dict[str, Any] = {"metadata": kept if "mail_id" in self.metadata else self.metadata}
        if self.user is not None and self.user.id in people:
            changes["user"] = Author(
                id=self.user.id, first_name=ERASED, last_name=ERASED, full_name=ERASED, initials=ERASED, email=None,
                gravatar_url=None, deactivated=True,
            )  # fmt: skip
        return self.model_copy(update=changes)

    def deleted(self, moment: Moment) -> Self:
        """The tombstone that replaces a comment (B11). Entries of the system are immutable (B14)."""
        if self.action_key != "COMMENT":
            raise ActivityImmutable
        if self.deleted_at is not None:
            raise ActivityNotFound
        author = self.user.id if self.user else None
        if moment.by.role is not Role.ADMIN and (moment.by.user is None or moment.by.user.id != author):
            raise AccessDenied("Only the author or an admin can delete a comment.")
        return self.model_copy(
            update={
                "comment": None,
                "raw_comment": None,
                "mentions": (),
                "pinned": False,
                "metadata": {},
                "deleted_at": moment.at,
            }
        )


def mentioned(raw: str) -> tuple[str, ...]:
    """The users that a text mentions as `@usr_…`, each once, in order."""
    return tuple(dict.fromkeys(_MENTION.findall(raw)))


def _name(found: re.Match[str], users: Mapping[str, Author]) -> str:
    user = users.get(found.group(1))
    return f"@{user.full_name}" if user else found.group()
