"""Everything a function reads, for one caller: what is another tenant's is not there, what is another's is refused."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple, overload

from invoicing.core.activity import Activity
from invoicing.core.errors import AccessDenied, NotFound, VersionMismatch
from invoicing.core.identity import Author
from invoicing.core.model import Aggregate, Parted, Value, local_date
from invoicing.customers.errors import CustomerNotFound
from invoicing.customers.model import Customer
from invoicing.downloads.errors import LinkNotFound
from invoicing.downloads.table import FoundLink
from invoicing.invoices.errors import InvoiceNotFound
from invoicing.invoices.model import Invoice, InvoiceSummary
from invoicing.mail.errors import MailNotFound
from invoicing.numbering.table import Counter, counter_in, keys_to_issue
from invoicing.orders.errors import OrderNotFound
from invoicing.store import keys, records
from invoicing.store.commit import Content, Session
from invoicing.store.keys import Item, Key
from invoicing.store.reading import item_at, items_at, items_beginning
from invoicing.store.schema import migrated
from invoicing.store.stored import Stored
from invoicing.tenants.errors import TenantNotFound
from invoicing.timeline.errors import ActivityNotFound
from invoicing.users.errors import KeyNotFound, UserNotFound

if TYPE_CHECKING:
    from invoicing.dunning.document import DunningDocument
    from invoicing.dunning.rule import DunningRule
    from invoicing.mail.model import OutgoingMail
    from invoicing.notes.model import Note
    from invoicing.orders.model import Order, OrderSummary
    from invoicing.settlement.credit import Credited
    from invoicing.settlement.payment import Payment
    from invoicing.tenants.model import Tenant
    from invoicing.tenants.test_clock import TenantClock
    from invoicing.users.model import ApiKey, User

# A function loads only the nouns it deals with (each model costs a fifth of a millisecond of its start), hence the
# imports within methods here.


class Issuing[C](NamedTuple):
    """What is needed to issue a document."""

    tenant: "Tenant"
    customer: C
    counter: Counter


class Reads:
    """What is in the table, as one caller sees it at one moment."""

    __slots__ = ("session",)

    def __init__(self, session: Session) -> None:
        self.session = session

    @property
    def tenant_id(self) -> str:
        """Whose data this is. Every key begins with it."""
        return self.session.caller.tenant_id

    def invoice(self, invoice_id: str) -> Invoice:
        """A document, whole."""
        return self._visible(*self._whole(Invoice, keys.invoice(self.tenant_id, invoice_id), InvoiceNotFound))

    def invoice_summary(self, invoice_id: str) -> InvoiceSummary:
        """A document without its content: all that payments and links need."""
        key = keys.invoice(self.tenant_id, invoice_id)
        return self._visible(*self._summary(InvoiceSummary, key, InvoiceNotFound))

    def invoice_summary_and_tenant(self, invoice_id: str) -> "tuple[InvoiceSummary, Tenant]":
        """A document without its content, and the tenant, in one read."""
        key = keys.invoice(self.tenant_id, invoice_id)
        found = items_at([key, keys.settings(self.tenant_id)])
        if key not in found:
            raise InvoiceNotFound
        summary = self._parted(self._row(InvoiceSummary, found[key]), found[key])
        return self._visible(*summary), self._tenant_in(found)

    def order(self, order_id: str) -> "Order":
        """An order, whole."""
        from invoicing.orders.model import Order

        return self._known(*self._whole(Order, keys.order(self.tenant_id, order_id), OrderNotFound))

    def order_summary(self, order_id: str) -> "OrderSummary":
        """An order without its lines."""
        from invoicing.orders.model import OrderSummary

        return self._known(*self._summary(OrderSummary, keys.order(self.tenant_id, order_id), OrderNotFound))

    def has_invoice(self, invoice_id: str | None) -> bool:
        """Whether a document is there; a draft may have been deleted."""
        return invoice_id is not None and item_at(keys.invoice(self.tenant_id, invoice_id)) is not None

    def require_visible(self, invoice_id: str) -> None:
        """Refuse callers who may see only some documents and not this one. Others cost no read."""
        if self.session.caller.limited:
            self.invoice_summary(invoice_id)

    def customer(self, customer_id: str) -> Customer:
        """A customer."""
        return self._one(Customer, keys.customer(self.tenant_id, customer_id), CustomerNotFound)

    def customer_of(self, invoice: InvoiceSummary) -> Customer | None:
        """The customer of a document as it is now; None if its buyer is not stored as a customer."""
        return None if invoice.customer_id is None else self.customer(invoice.customer_id)

    def tenant(self) -> "Tenant":
        """The company itself."""
        from invoicing.tenants.model import Tenant

        tenant = self._one(Tenant, keys.settings(self.tenant_id), TenantNotFound)
        self.session.time_zone = tenant.time_zone
        return tenant

    def today(self) -> date:
        """The calendar date in the tenant's time zone as it is stored; the credentials may have an older one.

        Costs a read unless the tenant was read in this session.
        """
        return local_date(self.session.now, self.session.time_zone or self.tenant().time_zone)

    def clock(self) -> "TenantClock":
        """The company's own clock; one that was never set shows what time it is."""
        from invoicing.tenants.test_clock import TenantClock

        item, now = item_at(keys.clock(self.tenant_id)), self.session.now
        if item is None:
            return TenantClock(id=self.tenant_id, now=now, created_at=now, updated_at=now)
        return self._read(TenantClock, item)

    @overload
    def tenant_and_customer(self, customer_id: str) -> "tuple[Tenant, Customer]": ...
    @overload
    def tenant_and_customer(self, customer_id: str | None) -> "tuple[Tenant, Customer | None]": ...
    def tenant_and_customer(self, customer_id: str | None) -> "tuple[Tenant, Customer | None]":
        """The company, and the customer if there is one."""
        found = items_at(self._parties(customer_id))
        return self._tenant_in(found), self._customer_in(found, customer_id)

    @overload
    def issuing(self, customer_id: str, series: str, issued: date | None = None) -> Issuing[Customer]: ...
    @overload
    def issuing(self, customer_id: str | None, series: str, issued: date | None = None) -> Issuing[Customer | None]: ...
    def issuing(self, customer_id: str | None, series: str, issued: date | None = None) -> Issuing[Any]:
        """Read the parties and the counter for a document. Without a date of issue, it is issued today."""
        counters = keys_to_issue(self.tenant_id, series, issued, self.session.now)
        found = items_at([*self._parties(customer_id), *counters])
        tenant = self._tenant_in(found)
        counter = counter_in(found, tenant, series, issued or tenant.today(self.session.now))
        return Issuing(tenant, self._customer_in(found, customer_id), counter)

    def credited(self, invoice: InvoiceSummary) -> "tuple[Credited, ...]":
        """What credit notes and its cancellation take off an invoice. Where nothing is credited nothing is read."""
        from invoicing.settlement.credit import Credited

        if not invoice.credited and invoice.cancellation_id is None:
            return ()
        rows = items_beginning(keys.invoice(self.tenant_id, invoice.id), keys.CREDIT)
        return tuple(self._read(Credited, row) for row in rows)

    def payments(self, invoice_id: str) -> "tuple[Payment, ...]":
        """All payments and refunds of a document."""
        from invoicing.settlement.payment import Payment

        rows = items_beginning(keys.invoice(self.tenant_id, invoice_id), keys.PAYMENT)
        return tuple(self._read(Payment, row) for row in rows)

    def mail(self, invoice_id: str, mail_id: str) -> "OutgoingMail":
        """A mail with a document, and what became of it."""
        from invoicing.mail.model import OutgoingMail

        return self._one(OutgoingMail, keys.invoice(self.tenant_id, invoice_id).at(keys.MAIL + mail_id), MailNotFound)

    def link_digests(self, invoice_id: str) -> list[str]:
        """The digests of the tokens of all links to a document."""
        return [row["digest"]["S"] for row in items_beginning(keys.invoice(self.tenant_id, invoice_id), keys.LINK)]

    def mail_ids(self, invoice_id: str) -> list[str]:
        """The ids of all mails with a document."""
        rows = items_beginning(keys.invoice(self.tenant_id, invoice_id), keys.MAIL)
        return [Key.of(row).sort.removeprefix(keys.MAIL) for row in rows]

    def note(self, invoice_id: str, note_id: str) -> "Note":
        """What was written about a document."""
        from invoicing.notes.errors import NoteNotFound
        from invoicing.notes.model import Note

        return self._one(Note, keys.invoice(self.tenant_id, invoice_id).at(keys.NOTE + note_id), NoteNotFound)

    def notes(self, invoice_id: str) -> "tuple[Note, ...]":
        """All that was written about a document."""
        from invoicing.notes.model import Note

        rows = items_beginning(keys.invoice(self.tenant_id, invoice_id), keys.NOTE)
        return tuple(self._read(Note, row) for row in rows)

    def dunning_rules(self) -> "tuple[DunningRule, ...]":
        """All levels of dunning that the company has."""
        from invoicing.dunning.rule import DunningRule

        rows = items_beginning(Key(keys.dunning_rule(self.tenant_id, "").partition), keys.RULE)
        return tuple(self._read(DunningRule, row) for row in rows)

    def dunning_rule(self, rule_id: str) -> "DunningRule":
        """A level of dunning."""
        from invoicing.dunning.errors import RuleNotFound
        from invoicing.dunning.rule import DunningRule

        return self._one(DunningRule, keys.dunning_rule(self.tenant_id, rule_id), RuleNotFound)

    def dunning_document(self, document_id: str) -> "DunningDocument":
        """A reminder or dunning letter."""
        from invoicing.dunning.document import DunningDocument
        from invoicing.dunning.errors import DocumentNotFound

        key = keys.dunning_document(self.tenant_id, document_id)
        document = self._one(DunningDocument, key, DocumentNotFound)
        if not document.visible_to(self.session.caller):
            raise AccessDenied
        return document

    def dunning_documents(self, invoice_id: str) -> "tuple[DunningDocument, ...]":
        """All reminders and dunning letters of an invoice, by level."""
        from invoicing.dunning.document import DunningDocument

        rows = items_beginning(keys.invoice(self.tenant_id, invoice_id), keys.DUNNED)
        wanted = [keys.dunning_document(self.tenant_id, row["document_id"]["S"]) for row in rows]
        found = items_at(wanted) if wanted else {}
        return tuple(self._read(DunningDocument, found[key]) for key in wanted)

    def user(self, user_id: str) -> "User":
        """Somebody who works with the tenant's invoices, or a customer in the portal."""
        from invoicing.users.model import User

        return self._one(User, keys.user(self.tenant_id, user_id), UserNotFound)

    def api_key(self, key_id: str) -> "ApiKey":
        """An API key, without its secret, which nobody has but who got it."""
        from invoicing.users.model import ApiKey

        return self._one(ApiKey, keys.api_key(self.tenant_id, key_id), KeyNotFound)

    def users(self, ids: Iterable[str]) -> dict[str, Author]:
        """Those of the users who exist, as the timeline shows them."""
        from invoicing.users.model import User

        wanted = [keys.user(self.tenant_id, id_) for id_ in sorted(set(ids))]
        found = items_at(wanted) if wanted else {}
        return {user.id: user.author for item in found.values() if (user := records.model_of(User, item, shows=True))}

    def activities(self, invoice_id: str) -> tuple[Activity, ...]:
        """All entries of a timeline."""
        rows = items_beginning(keys.invoice(self.tenant_id, invoice_id), keys.ACTIVITY)
        return tuple(self._row(Activity, row) for row in rows)

    def activity(self, invoice_id: str, activity_id: str) -> Activity:
        """One entry of a timeline."""
        item = item_at(keys.invoice(self.tenant_id, invoice_id).at(keys.ACTIVITY + activity_id))
        entry = self._row(Activity, item) if item else None
        if entry is None or not entry.visible_to(self.session.caller):
            raise ActivityNotFound
        self._require_version(entry.id, entry.version)
        return entry

    def holder_of(self, number: str) -> str | None:
        """The document that has this number, if one has."""
        item = item_at(keys.number(self.tenant_id, number))
        return item["invoice_id"]["S"] if item else None

    def whose(self, noun: str, field: str, value: str) -> str | None:
        """The customer or order that has this external id, if one has."""
        item = item_at(keys.only(self.tenant_id, noun, field, value))
        return item["id"]["S"] if item else None

    def require_user(self, user_id: str, *, pointer: str) -> None:
        """Refuse to name a user who does not exist."""
        if item_at(keys.user(self.tenant_id, user_id)) is None:
            raise UserNotFound(pointer=pointer)

    def link_digest(self, invoice_id: str, link_id: str) -> str:
        """The digest of a link's token, from its id."""
        item = item_at(keys.invoice(self.tenant_id, invoice_id).at(keys.LINK + link_id))
        if item is None:
            raise LinkNotFound
        digest: str = item["digest"]["S"]
        return digest

    def link(self, digest: str) -> FoundLink:
        """A download link with how often it was used, and the tenant it belongs to."""
        from invoicing.downloads.model import DownloadLink

        found = items_at([keys.link(digest), keys.link(digest).at(keys.USES)])
        item = found.get(keys.link(digest))
        if item is None:
            raise LinkNotFound
        used = found.get(keys.link(digest).at(keys.USES)) or {"uses": {"N": "0"}}
        link = self._row(DownloadLink, item).model_copy(update={"uses": int(used["uses"]["N"])})
        return FoundLink(item["tenant_id"]["S"], self._known(link, item), used.get("told", {}).get("S"))

    # How

    def _visible[I: InvoiceSummary](self, invoice: I, head: Item) -> I:
        if not invoice.visible_to(self.session.caller):
            raise AccessDenied
        return self._known(invoice, head)

    def _whole[P: Parted](self, model: type[P], key: Key, missing: type[NotFound]) -> tuple[P, Item]:
        while True:
            head, *others = items_beginning(key, keys.HEAD) or [{}]
            if not head:
                raise missing
            parts = [item for item in others if item["SK"]["S"].startswith(keys.BODY)]
            read = [part["version"]["N"] for part in parts]
            if read == [head["content_version"]["N"]] * int(head["content_parts"]["N"]):
                break
            # Head and content were read while a change came between them: a draft is never shown torn.
        aside = [item for item in others if item["SK"]["S"] == keys.ASIDE]
        texts = [
            records.text_of(head),
            migrated(records.content_of(parts), parts[0]),
            *(records.text_of(item) for item in aside),
        ]
        together = ",".join(inner for text in texts if (inner := text[1:-1]))
        thing = records.model_of(model, head, f"{{{together}}}", shows=self.session.shows)
        for item, text in zip((head, parts[0], *aside, *parts[1:]), (*texts, *[""] * len(parts)), strict=False):
            self.session.stored[Key.of(item)] = Stored(item, text, thing)
        return self._parted(thing, head)

    def _summary[P: Parted](self, model: type[P], key: Key, missing: type[NotFound]) -> tuple[P, Item]:
        head = item_at(key)
        if head is None:
            raise missing
        return self._parted(self._row(model, head), head)

    def _parted[P: Parted](self, thing: P, head: Item) -> tuple[P, Item]:
        content = Content(int(head["content_version"]["N"]), int(head["content_parts"]["N"]))
        self.session.contents[thing.id] = content
        return thing, head

    def _read[A: Aggregate](self, model: type[A], item: Item) -> A:
        return self._known(self._row(model, item), item)

    def _row[V: Value](self, model: type[V], item: Item) -> V:
        text = records.text_of(item)
        thing = records.model_of(model, item, text, shows=self.session.shows)
        self.session.stored[Key.of(item)] = Stored(item, text, thing)
        return thing

    def _known[A: Aggregate](self, thing: A, item: Item) -> A:
        self.session.read(thing, item)
        self._require_version(thing.id, thing.version)
        return thing

    def _require_version(self, id_: str, version: int) -> None:
        """Refuse what is no longer at the version that the client names."""
        expected = self.session.if_match
        if expected and expected.id == id_ and expected.version != version:
            raise VersionMismatch

    def _one[A: Aggregate](self, model: type[A], key: Key, missing: type[NotFound]) -> A:
        item = item_at(key)
        if item is None:
            raise missing
        return self._read(model, item)

    def _parties(self, customer_id: str | None) -> list[Key]:
        parties = [keys.settings(self.tenant_id)]
        return [*parties, keys.customer(self.tenant_id, customer_id)] if customer_id else parties

    def _tenant_in(self, found: Mapping[Key, Item]) -> "Tenant":
        item = found.get(keys.settings(self.tenant_id))
        if item is None:
            raise TenantNotFound
        tenant = records.tenant_of(records.text_of(item))
        self.session.time_zone = tenant.time_zone
        return tenant

    def _customer_in(self, found: Mapping[Key, Item], customer_id: str | None) -> Customer | None:
        if customer_id is None:
            return None
        item = found.get(keys.customer(self.tenant_id, customer_id))
        if item is None:
            raise CustomerNotFound(pointer="/customer_id")
        customer = records.model_of(Customer, item)
        self.session.owners[customer_id] = customer.owner_id
        return customer
