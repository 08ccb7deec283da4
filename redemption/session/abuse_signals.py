"""Signals that detect many claims from one device, network or address."""

import ipaddress
import re
import unicodedata

from django.http import HttpRequest

from accounts.sign_in.device_cookie import device_id
from moments.web.client_addresses import UNKNOWN, client_address, read_address
from redemption.addresses.address import Address
from rewards.claims.abuse_limits import Kind

NO_LETTER_OR_DIGIT = re.compile(r"[\W_]+")


def signals_of(request: HttpRequest) -> dict[str, str]:
    network, agent = network_of(client_address(request)), request.headers.get("User-Agent", "")
    return {Kind.DEVICE: device_id(request), Kind.NETWORK: f"{network} {agent}" if network else ""}


def network_of(address: str) -> str:
    """Return an IPv4 address unchanged (also if mapped into IPv6), and the /64 network of an IPv6 address. Clients of a
    proxy that passes on no address share one network.
    """
    found = read_address(address)
    if found is None:
        return UNKNOWN if address == UNKNOWN else ""
    return str(ipaddress.ip_network((found, 64), strict=False) if found.version == 6 else found)


def address_signal(address: Address) -> str:
    """Return the address without case, spaces, punctuation and recipient; empty for digital orders."""
    if not address.street:
        return ""
    parts = (address.street, address.city, address.region, address.postal_code, address.country)
    street, city, region, code, country = map(folded, parts)
    if country == "us":
        code = code[:5]  # ZIP+4 digits are a part of the same street
    return "|".join((street, city, region, code, country))


def folded(text: str) -> str:
    """Return ``text`` casefolded and in normal form, without anything but letters and digits."""
    whole = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return NO_LETTER_OR_DIGIT.sub("", whole)
