"""Addresses that customers are shown or led to: the support contact and the return link."""

import re
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from moments.errors import RuleViolation

# Schemes that browsers and phones handle themselves. An app's own link has a scheme of its own.
OTHER_SCHEMES = """
    about android-app blob callto chrome chrome-extension cid content data edge facetime facetime-audio feed file
    filesystem ftp ftps geo gopher googlechrome googlechromes http intent irc ircs itms itms-apps itms-appss
    itms-services jar javascript ldap ldaps livescript mailto maps market mhtml mid mms mocha moz-extension
    ms-appinstaller ms-settings news nntp opaquelocktoken resource rtsp safari-web-extension sftp sip sips sms smsto
    ssh tel telnet urn vbscript view-source view ws wss wyciwyg x-javascript x-web-search xmpp
"""
NOT_OF_AN_APP = frozenset(OTHER_SCHEMES.split())
SCHEME = re.compile(r"[a-z][a-z0-9+.-]*")
UNPRINTABLE = re.compile(r"[\s\x00-\x1f\x7f]")


def clean_support_contact(text: str) -> str:
    """An email address or an https URL; raises ``RuleViolation`` for anything else. Empty stays empty."""
    text = text.strip()
    if not text or _is_email(text) or is_https(text):
        return text
    message = _("“%s” is neither an email address nor an https URL. Enter one like help@example.com.") % text[:80]
    raise RuleViolation("bad_contact", message, field="support_contact")


def clean_return_link(text: str) -> str:
    """An https URL or a link that an app opens, such as ``lantern://home``. Empty stays empty."""
    link = text.strip()
    if not link or is_https(link) or _is_app_link(link):
        return link
    message = _("“%s” is neither an https URL nor a link that your app opens, such as myapp://home.") % link[:80]
    raise RuleViolation("bad_link", message, field="return_link")


def is_https(text: str) -> bool:
    """An https URL with a host, and without credentials or blanks."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme.lower() != "https" or UNPRINTABLE.search(text) or "@" in parts.netloc or "\\" in text:
        return False
    return "." in host.strip(".")


def _is_email(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _is_app_link(link: str) -> bool:
    scheme, colon, rest = link.partition(":")
    scheme = scheme.lower()
    if not colon or not rest or UNPRINTABLE.search(link) or scheme == "https" or scheme in NOT_OF_AN_APP:
        return False
    return bool(SCHEME.fullmatch(scheme)) and not scheme.startswith(("ms-", "chrome-", "web+", "x-apple"))
