"""Every key of the one table, and with it every way to find something.

| What is asked                            | Where it is found                                               |
|------------------------------------------|-----------------------------------------------------------------|
| a document: head, and body with it       | `T#<tenant>#INV#<invoice>`, SK `#`; SK begins with `#`          |
| … what changes although it is issued     | same PK, SK `#ASIDE`                                            |
| its timeline (audit record and outbox)   | same PK, SK `ACT#<activity>`                                    |
| its payments                             | same PK, SK `PAY#<payment>`                                     |
| what its credit notes take off it        | same PK, SK `CREDIT#<credit note>`                              |
| its download links, to revoke one        | same PK, SK `LINK#<link>`                                       |
| its notes, with what there is to know of their files | same PK, SK `NOTE#<note>`                      |
| its mails, claimed before they are sent  | same PK, SK `MAIL#<mail>`                                       |
| a payment's external id, once per document | same PK, SK `EXT#<external id>`                               |
| a customer, a user, an API key           | `T#<tenant>#CUS#<customer>`, `…#USER#<user>`, `…#KEY#<key>`, SK `#` |
| the tenant itself                        | `T#<tenant>#TENANT`, SK `#`                                     |
| the history of anything but a document   | its own PK, SK `ACT#<activity>`                                 |
| who has what only one may have           | `T#<tenant>#ONE#<noun>#<field>#<value>`, SK `#`                 |
| a dunning rule                           | `T#<tenant>#RULES`, SK `RULE#<rule>`                            |
| a dunning document                       | `T#<tenant>#DUN#<document>`, SK `#`                             |
| … the one of an invoice and level        | the invoice's PK, SK `DUN#<level>`                              |
| … why it did not reach a level, recorded once | the invoice's PK, SK `SKIP#<level>#<reason>`          |
| a dunning run by hand                    | `T#<tenant>#RUN#<run>`, SK `#`                                  |
| an order, likewise                       | `T#<tenant>#ORD#<order>`, SK as a document's                    |
| how many refer to a customer, its owner  | the customer's PK, SK `REFS`                                    |
| the kept answers that name a customer    | the customer's PK, SK `IDEM#<hash>`                             |
| the next number of a series              | `T#<tenant>#SERIES#<series>#<year or ->`, SK `#`                |
| who has which count of a series          | same PK, SK `N#<count>`                                         |
| who has a number                         | `T#<tenant>#NUM#<number>`, SK `#`                               |
| what an Idempotency-Key led to           | `T#<tenant>#IDEM#<hash>`, SK `#<part>`                          |
| what time it is, where a test has set it | `T#<tenant>#CLOCK`, SK `#`                                      |
| whom mail does not reach                 | `T#<tenant>#SUPPRESSED#<address>`, SK `#`                       |
| how many mails went on a day             | `T#<tenant>#MAILS#<date>`, SK `#`                               |
| which API key a secret is                | `KEY#<sha256>`, SK `#`                                          |
| what a download token opens, its uses    | `LINK#<sha256>`, SK `#` and `USES`                              |
| all tenants                              | `TENANTS`, SK `<tenant>`                                        |
| lists of a tenant, newest first          | GSI1 `T#<tenant>#<kind>`, SK id or date#id                      |
| … of a customer                          | GSI2 `T#<tenant>#CUS#<customer>#<kind>`                         |
| … by who created it                      | GSI3 `T#<tenant>#USER#<user>#<kind>`                            |
| … by who owns the customer               | GSI4 `T#<tenant>#OWNER#<user>#<kind>`                           |
| open invoices by level of dunning (sparse) | GSI5 `T#<tenant>#DUN#<customer type>#<level>`, SK date#id |
| invoices by due date                     | GSI6 `T#<tenant>#DUE`, SK due date#id                           |
| open invoices not told overdue (sparse)  | GSI7 `T#<tenant>#OPEN`, SK due date#id                          |
| events not yet on the bus (sparse)       | GSI7 `OUTBOX#<shard>`, SK activity id                           |
| events that the bus refused (sparse)     | GSI7 `OUTBOX#ASIDE`, SK activity id                             |
| mails that SES did not take (sparse)     | GSI7 `MAILS`, SK time of the next attempt#id                    |

The tenant stands first in each partition key; only keys,
links and the list of tenants are looked up before one is known. Ids have a fixed length, so no key is the beginning of
another.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

PARTITION = "PK"
SORT = "SK"
PURGE_AT = "purge_at"
HEAD = "#"
ASIDE = "#ASIDE"
BODY = "#BODY#"
ACTIVITY = "ACT#"
PAYMENT = "PAY#"
CREDIT = "CREDIT#"
LINK = "LINK#"
RULE = "RULE#"
DUNNED = "DUN#"
SKIPPED = "SKIP#"
MAIL = "MAIL#"
NOTE = "NOTE#"
EXTERNAL_ID = "EXT#"
ANSWER = "IDEM#"
COUNT = "N#"
USES = "USES"
REFERENCES = "REFS"
OUTBOX_SHARDS = 8

Kind = Literal["INV", "CUS", "ORD", "PAY", "USER", "KEY", "DUN"]


class Index(NamedTuple):
    """A global secondary index of the table."""

    partition: str
    sort: str
    projection: Literal["ALL", "KEYS_ONLY"] = "ALL"


# Only small heads carry index keys, so ALL projects just what lists show.
INDEXES = {
    "GSI1": Index("GSI1PK", "GSI1SK"),
    "GSI2": Index("GSI2PK", "GSI2SK"),
    "GSI3": Index("GSI3PK", "GSI3SK"),
    "GSI4": Index("GSI4PK", "GSI4SK"),
    "GSI5": Index("GSI5PK", "GSI5SK", "KEYS_ONLY"),
    "GSI6": Index("GSI6PK", "GSI6SK"),
    "GSI7": Index("GSI7PK", "GSI7SK", "KEYS_ONLY"),
}


Item = dict[str, Any]
"""What stands in the table, as DynamoDB is told it: each value in an object that names its type."""


class Key(NamedTuple):
    """The address of one item."""

    partition: str
    sort: str = HEAD

    @classmethod
    def of(cls, item: Mapping[str, Any]) -> "Key":
        """Where an item stands."""
        return cls(item[PARTITION]["S"], item[SORT]["S"])

    def at(self, sort: str) -> "Key":
        """Another item of the same partition."""
        return Key(self.partition, sort)

    @property
    def address(self) -> Item:
        """The key as DynamoDB is told it."""
        return {PARTITION: {"S": self.partition}, SORT: {"S": self.sort}}


@dataclass(frozen=True)
class Place:
    """A partition of an index (None: of the table itself): one list."""

    index: str | None
    partition: str


OUTBOX_ASIDE = Place("GSI7", "OUTBOX#ASIDE")
"""Events that the bus refuses for good: nothing reads them but the operator."""
DEFERRED_MAILS = Place("GSI7", "MAILS")
"""Mails that SES did not take, by the time of the next attempt: few at most times, many when its quota is used up."""


def invoice(tenant: str, invoice_id: str) -> Key:
    """A document's head."""
    return Key(f"T#{tenant}#INV#{invoice_id}")


def customer(tenant: str, customer_id: str) -> Key:
    """A customer."""
    return Key(f"T#{tenant}#CUS#{customer_id}")


def order(tenant: str, order_id: str) -> Key:
    """An order's head."""
    return Key(f"T#{tenant}#ORD#{order_id}")


def dunning_rule(tenant: str, rule_id: str) -> Key:
    """A dunning rule; a company's rules stand together."""
    return Key(f"T#{tenant}#RULES", f"{RULE}{rule_id}")


def dunning_document(tenant: str, document_id: str) -> Key:
    """A dunning document."""
    return Key(f"T#{tenant}#DUN#{document_id}")


def dunning_run(tenant: str, run_id: str) -> Key:
    """A dunning run that somebody asked for."""
    return Key(f"T#{tenant}#RUN#{run_id}")


def user(tenant: str, user_id: str) -> Key:
    """A user."""
    return Key(f"T#{tenant}#USER#{user_id}")


def settings(tenant: str) -> Key:
    """The tenant itself."""
    return Key(f"T#{tenant}#TENANT")


def series(tenant: str, name: str, year: int | None) -> Key:
    """The counter of a number series; `year` is None where it never starts again."""
    return Key(f"T#{tenant}#SERIES#{name}#{year or '-'}")


def count(number: int) -> str:
    """Where a count of a series stands beside its counter, in order."""
    return f"{COUNT}{number:013d}"


def number(tenant: str, text: str) -> Key:
    """The one document that has this number."""
    return Key(f"T#{tenant}#NUM#{text}")


def idempotency(tenant: str, digest: str) -> Key:
    """What a request with an Idempotency-Key led to."""
    return Key(f"T#{tenant}#IDEM#{digest}", "#00")


def api_key(tenant: str, key_id: str) -> Key:
    """An API key, by its id."""
    return Key(f"T#{tenant}#KEY#{key_id}")


def secret(digest: str) -> Key:
    """Which API key a secret is, by the SHA-256 of the secret."""
    return Key(f"KEY#{digest}")


def only(tenant: str, noun: str, field: str, value: str) -> Key:
    """The one thing of its kind that has this value; addresses are the same in any case."""
    return Key(f"T#{tenant}#ONE#{noun}#{field}#{value.lower() if field == 'email' else value}")


def clock(tenant: str) -> Key:
    """The clock of a tenant that has one of its own."""
    return Key(f"T#{tenant}#CLOCK")


def suppressed(tenant: str, address: str) -> Key:
    """That mail does not reach an address, in whichever case it is written."""
    return Key(f"T#{tenant}#SUPPRESSED#{address.lower()}")


def mails_of_day(tenant: str, day: str) -> Key:
    """How many mails a tenant sent on a day, in UTC."""
    return Key(f"T#{tenant}#MAILS#{day}")


def link(digest: str) -> Key:
    """What a download token opens, by the SHA-256 of the token."""
    return Key(f"LINK#{digest}")


def tenants(tenant: str) -> Key:
    """A tenant's entry in the list of all."""
    return Key("TENANTS", tenant)


def of_tenant(tenant: str, kind: Kind) -> Place:
    """All of a kind."""
    return Place("GSI1", f"T#{tenant}#{kind}")


def of_customer(tenant: str, customer_id: str, kind: Kind) -> Place:
    """All of a kind that belong to a customer."""
    return Place("GSI2", f"T#{tenant}#CUS#{customer_id}#{kind}")


def of_creator(tenant: str, user_id: str, kind: Kind) -> Place:
    """All of a kind that a user created."""
    return Place("GSI3", f"T#{tenant}#USER#{user_id}#{kind}")


def of_owner(tenant: str, user_id: str, kind: Kind) -> Place:
    """All of a kind that belong to the customers a user owns."""
    return Place("GSI4", f"T#{tenant}#OWNER#{user_id}#{kind}")


def dunned(tenant: str, customer_type: str, level: int, *, disabled: bool = False) -> Place:
    """Open invoices to customers of a type that have reached a level, by the date from which the next one counts.

    Those that are not to be dunned stand by themselves: a run does not see them, who asks why they are skipped does.
    """
    return Place("GSI5", f"T#{tenant}#DUN#{customer_type}#{level}{'#OFF' if disabled else ''}")


def by_due_date(tenant: str) -> Place:
    """All documents with a due date, in its order."""
    return Place("GSI6", f"T#{tenant}#DUE")


def not_told_overdue(tenant: str) -> Place:
    """Open invoices of which it is still to be told that they are overdue, in the order of their due dates."""
    return Place("GSI7", f"T#{tenant}#OPEN")


def outbox(shard: int) -> Place:
    """Events that are not yet on the bus."""
    return Place("GSI7", f"OUTBOX#{shard}")


def outbox_shard(activity_id: str) -> int:
    """The shard of an event: spread by the last, random character of its id."""
    return ord(activity_id[-1]) % OUTBOX_SHARDS
