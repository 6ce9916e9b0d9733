"""Where webhooks may go: names of public hosts, and public addresses behind them."""

from ipaddress import ip_address

import pytest

from infra.event_schemas import all_events
from invoicing.webhooks.addresses import Targets, first_allowed, is_public
from invoicing.webhooks.errors import UrlNotAllowed
from invoicing.webhooks.subscribable import SUBSCRIBABLE, subscribes

PUBLIC = Targets(frozenset({443}))
HOSTILE_URLS = (
    "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "//example.com/", "example.com", "",
    "https://", "https:///x", "https://localhost/", "https://localhost./", "https://a.localhost/",
    "https://127.0.0.1/", "https://127.1/", "https://2130706433/", "https://0x7f000001/", "https://0177.0.0.1/",
    "https://0x7f.1/", "https://169.254.169.254/latest/meta-data", "https://[::1]/", "https://[::ffff:127.0.0.1]/",
    "https://[fd00:ec2::254]/", "https://[64:ff9b::7f00:1]/", "https://8.8.8.8/", "https://[2606:4700::1111]/",
    "https://user@example.com/", "https://user:secret@example.com/", "https://example.com@127.0.0.1/",
    "https://127.0.0.1#@example.com/", "https://example.com:80/", "https://example.com:8443/",
    "https://example.com:99999/", "https://example.com:x/", "https://intranet/", "https://db.internal/",
    "https://printer.local/", "https://router.home.arpa/", "https://metadata.google.internal/",
    "https://example.com\\@127.0.0.1/", "https://example.com /", "https://exa\tmple.com/", "https://exämple.com/",
    "https://127。0。0。1/", "https://①②⑦.⓪.⓪.①/", "https://example..com/", "https://-example.com/",
    "https://example.com/\r\nHost: 127.0.0.1", "https://example.com/#x", "https://1.in-addr.arpa/",
)  # fmt: skip
HOSTILE_ADDRESSES = (
    "0.0.0.0", "10.1.2.3", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1",
    "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
    "224.0.0.1", "239.255.255.250", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1",
    "::7f00:1", "64:ff9b::7f00:1", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "fc00::1",
    "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "::ffff:169.254.169.254", "2002:a00:1::1",
)  # fmt: skip


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_a_hostile_url_is_refused(url: str) -> None:
    with pytest.raises(UrlNotAllowed):
        PUBLIC.require_allowed(url)


@pytest.mark.parametrize(
    "url", ["https://example.com", "https://hooks.example.co.uk:443/a/b?c=d%20e", "https://xn--exmple-cua.com/"]
)
def test_a_url_of_a_public_name_is_accepted(url: str) -> None:
    PUBLIC.require_allowed(url)


@pytest.mark.parametrize("address", HOSTILE_ADDRESSES)
def test_an_address_in_no_public_network_is_refused(address: str) -> None:
    assert not is_public(ip_address(address))
    with pytest.raises(UrlNotAllowed):
        first_allowed([ip_address("8.8.8.8"), ip_address(address)], PUBLIC)


def test_public_addresses_are_accepted() -> None:
    addresses = [ip_address(one) for one in ("8.8.8.8", "2606:4700:4700::1111", "::ffff:8.8.8.8")]
    assert first_allowed(addresses, PUBLIC) == addresses[0]
    with pytest.raises(UrlNotAllowed):
        first_allowed([], PUBLIC)


def test_the_embedded_stack_alone_allows_loopback() -> None:
    local = Targets.of("443 loopback")
    local.require_allowed("http://localhost:8080/hook")
    assert first_allowed([ip_address("127.0.0.1")], local) == ip_address("127.0.0.1")
    with pytest.raises(UrlNotAllowed):
        local.require_allowed("http://127.0.0.2/")
    with pytest.raises(UrlNotAllowed):
        first_allowed([ip_address("10.0.0.1")], local)


NOT_SUBSCRIBABLE = {
    "bank_statement.upload_requested", "bank_statement.uploaded", "customer.vat_check_deferred",
    "dunning.run_requested", "document.rendering_requested", "email.requested", "invoice.upload_requested",
    "statement.requested", "subscription.email_requested", "tenant.clock_set",
    "webhook.activated", "webhook.email_requested", "webhook.failing", "webhook.recovered",
}  # fmt: skip
"""Work that the service requests from itself, and its bookkeeping."""


def test_every_event_of_use_to_the_tenant_is_subscribable() -> None:
    assert {event.name for event in all_events()} - NOT_SUBSCRIBABLE == SUBSCRIBABLE


def test_patterns_name_events_by_their_resource() -> None:
    assert subscribes(["invoice.*"], "invoice.paid")
    assert subscribes(["*"], "customer.created")
    assert not subscribes(["invoice.*", "customer.updated"], "customer.created")
    assert not subscribes(["*"], "email.requested")
