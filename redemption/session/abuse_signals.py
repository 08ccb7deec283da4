"""What a claimer is known by: this browser, its network, where a parcel goes."""

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
    """An IPv4 address as it is, also where IPv6 wraps it; of IPv6 the /64, which is one household's. Whoever comes
    through a proxy without an address shares one network with all such callers."""
    found = read_address(address)
    if found is None:
        return UNKNOWN if address == UNKNOWN else ""
    return str(ipaddress.ip_network((found, 64), strict=False) if found.version == 6 else found)


def address_signal(address: Address) -> str:
    """However it is spelled, whoever it is for: without case, spaces and punctuation. "" where there is no parcel."""
    if not address.street:
        return ""
    parts = (address.street, address.city, address.region, address.postal_code, address.country)
    street, city, region, code, country = map(folded, parts)
    if country == "us":
        code = code[:5]  # the four digits after them name a part of the same street
    return "|".join((street, city, region, code, country))


def folded(text: str) -> str:
    """One spelling for composed and decomposed letters, full and half width, capitals, spaces and punctuation."""
    whole = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    return NO_LETTER_OR_DIGIT.sub("", whole)
