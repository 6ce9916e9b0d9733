"""The changes of one commit, resource by resource."""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, Self

from invoicing.core.event import About, Change, Event, Recorded
from invoicing.core.model import Aggregate
from invoicing.store.session import Session
from invoicing.store.transaction import Write

type Also = Callable[[Session], Iterable[Write]]
"""Further writes of a commit, made from the session that commits."""


class BoundEvent(NamedTuple):
    """An event, the kind and id of its resource, and the resource itself if it changes."""

    event: Event
    kind: type[Aggregate]
    id: str
    thing: Aggregate | None


class Changes(NamedTuple):
    """One business decision: resources in their new state, events, and deleted resources."""

    things: tuple[Aggregate, ...]
    events: tuple[BoundEvent, ...]
    unchanged: tuple[About, ...]
    """Resources with events that do not change themselves."""
    deleted: tuple[Aggregate, ...] = ()

    @classmethod
    def of(cls, parts: Iterable[Change], session: Session, *, moving: bool, deleted: Iterable[Aggregate] = ()) -> Self:
        """The parts of a commit, each resource in its next version.

        Without `moving` only new resources get a version: the others keep the one that clients compare. Refuses a
        resource that was decided on an older state than the last one that was read.
        """
        gone = tuple(deleted)
        things: list[Aggregate] = []
        events: list[BoundEvent] = []
        about: list[About] = []
        for part in parts:
            if isinstance(part, About):
                about.append(part)
                events += [BoundEvent(event, part.kind, part.id, None) for event in part.events]
                continue
            decided: Aggregate = part.thing if isinstance(part, Recorded) else part
            session.require_newest(decided)
            thing = decided if _is_among(decided, gone) else _next(decided, moving=moving)
            things.append(thing)
            if isinstance(part, Recorded):
                events += [BoundEvent(event, type(thing), thing.id, thing) for event in part.events]
        changed = {(one.object, one.id): one for one in things}
        return cls(
            tuple(thing for thing in things if not _is_among(thing, gone)),
            tuple(bound._replace(thing=changed.get((_object(bound.kind), bound.id))) for bound in events),
            tuple(one for one in about if (_object(one.kind), one.id) not in changed),
            gone,
        )

    def pairs(self, session: Session) -> list[tuple[Aggregate | None, Aggregate | None]]:
        """Each resource before and after the commit; None where it does not exist."""
        found: list[tuple[Aggregate | None, Aggregate | None]] = [(session.before(one), one) for one in self.things]
        return [*found, *((one, None) for one in self.deleted)]


def _is_among(thing: Aggregate, things: Iterable[Aggregate]) -> bool:
    return any(thing is one for one in things)


def _next[A: Aggregate](thing: A, *, moving: bool) -> A:
    version: dict[str, Any] = {"version": thing.version + 1 if moving or not thing.version else thing.version}
    return thing.model_copy(update=version)


def _object(kind: type[Aggregate]) -> str:
    return str(kind.model_fields["object"].default)
