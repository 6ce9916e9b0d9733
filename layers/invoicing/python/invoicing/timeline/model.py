"""The changes of comments: who may edit or delete one, and the tombstone of a deleted one."""

from invoicing.core.activity import Activity, CommentText, mentioned
from invoicing.core.errors import AccessDenied, Invalid
from invoicing.core.identity import Moment, Role
from invoicing.core.model import Value, instant_text
from invoicing.timeline.errors import ActivityImmutable, ActivityNotFound, TooManyEdits

MOST_EDITS = 50
"""How often a comment can be edited: each former text stays with it."""


class CommentData(Value):
    """The fields of a comment that can be changed."""

    comment: CommentText | None = None
    """New text of the comment. Only its author can change it; the previous text stays in `metadata`."""
    public: bool = False
    """Whether the customer can see the entry in the portal and on the invoice page."""
    pinned: bool = False
    """Whether the entry is shown above the others."""


def data_of(entry: Activity) -> CommentData:
    """The fields of an entry that can be changed."""
    return CommentData(comment=entry.raw_comment, public=entry.public, pinned=entry.pinned)


def edited(entry: Activity, data: CommentData, moment: Moment) -> Activity:
    """An entry after a change; the previous text of a comment stays in its `metadata`."""
    if entry.deleted_at is not None:
        raise ActivityNotFound
    shown = {"public": data.public, "pinned": data.pinned}
    if data.comment == entry.raw_comment:
        return entry.model_copy(update=shown)
    if entry.action_key != "COMMENT":
        raise ActivityImmutable
    if moment.by.user is None or entry.user is None or moment.by.user.id != entry.user.id:
        raise AccessDenied("Only the author can change the text of a comment.")
    if data.comment is None:
        raise Invalid("A comment cannot be empty; delete it instead.", pointer="/comment")
    edits = [*entry.metadata.get("edits", ()), {"comment": entry.raw_comment, "until": instant_text(moment.at)}]
    if len(edits) > MOST_EDITS:
        raise TooManyEdits(pointer="/comment")
    text = {"comment": data.comment, "raw_comment": data.comment, "mentions": mentioned(data.comment)}
    return entry.model_copy(update={**shown, **text, "metadata": {**entry.metadata, "edits": edits}})


def deleted(entry: Activity, moment: Moment) -> Activity:
    """The tombstone that replaces a comment (B11). Entries of the system are immutable (B14)."""
    if entry.action_key != "COMMENT":
        raise ActivityImmutable
    if entry.deleted_at is not None:
        raise ActivityNotFound
    author = entry.user.id if entry.user else None
    if moment.by.role is not Role.ADMIN and (moment.by.user is None or moment.by.user.id != author):
        raise AccessDenied("Only the author or an admin can delete a comment.")
    return entry.model_copy(
        update={
            "comment": None,
            "raw_comment": None,
            "mentions": (),
            "pinned": False,
            "metadata": {},
            "deleted_at": moment.at,
        }
    )
