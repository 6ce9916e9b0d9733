"""Where webhooks may go: public hosts only, so that no endpoint leads into a private network."""

import ipaddress
import re
from collections.abc import Iterable
from typing import Final, NamedTuple, Self
from urllib.parse import SplitResult, urlsplit

from invoicing.webhooks.errors import UrlNotAllowed

LOOPBACK: Final = "loopback"
_STANDARD_PORTS: Final = {"https": 443, "http": 80}
_NAME = re.compile(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?", re.I)
_NUMBER = re.compile(r"(0x[0-9a-f]*|[0-9]+)", re.I)
_LOCAL_NAMES = (".localhost", ".local", ".internal", ".localdomain", ".home.arpa", ".onion", ".arpa")
_NEVER: Final = tuple(
    ipaddress.ip_network(one)
    for one in (
        "fec0::/10",  # Site-local, deprecated by RFC 3879. Python counts it as global.
        "64:ff9b::/96",  # NAT64 (RFC 6052): translated into any IPv4 address.
        "64:ff9b:1::/48",  # NAT64 of a network of its own (RFC 8215).
        "192.88.99.0/24",  # Relays of 6to4 (RFC 7526).
        "2002::/16",  # 6to4 contains an IPv4 address.
        "2001::/32",  # So does Teredo.
        "::/96",  # IPv4-compatible, deprecated by RFC 4291.
    )
)
type IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address


class Targets(NamedTuple):
    """Where the webhooks of a stage may go: the ports, and in the embedded stack the machine itself."""

    ports: frozenset[int]
    loopback: bool = False

    @classmethod
    def of(cls, text: str) -> Self:
        """From the setting of a function, such as `443 8443` or `443 loopback`."""
        words = text.split()
        return cls(frozenset(int(one) for one in words if one != LOOPBACK), LOOPBACK in words)

    def require_allowed(self, url: str) -> None:
        """Refuse a URL that does not name a public host. Its addresses are checked at each attempt."""
        reason = self._objection(url)
        if reason:
            raise UrlNotAllowed(reason, pointer="/url")

    def allows(self, address: IpAddress) -> bool:
        """Whether a connection to an address is allowed."""
        return is_public(address) or (self.loopback and address.is_loopback)

    def _objection(self, url: str) -> str | None:
        if not url.isascii() or any(character.isspace() or character in '\\"<>^`{|}' for character in url):
            return "The URL contains characters that must be encoded; write international names with `xn--`."
        try:
            parts = urlsplit(url)
            port = parts.port or _STANDARD_PORTS.get(parts.scheme, 0)
        except ValueError:
            return "The URL is not valid."
        if parts.fragment or "#" in url:
            return "The URL has a fragment."
        if "@" in parts.netloc:
            return "The URL contains a user name or password."
        host = (parts.hostname or "").removesuffix(".")
        if self.loopback and host in ("localhost", "127.0.0.1"):
            return None if parts.scheme in _STANDARD_PORTS else "The URL must begin with https://."
        return self._objection_to_host(parts, host, port)

    def _objection_to_host(self, parts: SplitResult, host: str, port: int) -> str | None:
        if parts.scheme != "https":
            return "The URL must begin with https://."
        if port not in self.ports:
            return f"The port {port} is not allowed."
        labels = host.split(".")
        if not _NAME.fullmatch(host) or all(_NUMBER.fullmatch(one) for one in labels):
            return "The host must be a name in a public domain, not an IP address."
        if f".{host}".lower().endswith(_LOCAL_NAMES):
            return "The host must be a name in a public domain."
        return None


def is_public(address: IpAddress) -> bool:
    """Whether an address is global unicast, and no form of another one that is not."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            return False
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
    if address.is_multicast or address.is_reserved or address.is_unspecified or not address.is_global:
        return False
    return not any(address.version == network.version and address in network for network in _NEVER)


def first_allowed(addresses: Iterable[IpAddress], targets: Targets) -> IpAddress:
    """The address to connect to. Refuses a name that has even one address which is not allowed."""
    found = tuple(addresses)
    if not found or not all(targets.allows(one) for one in found):
        raise UrlNotAllowed("The host has an address that is not public.")
    return found[0]
