"""Addresses that customers are shown or led to."""

import pytest

from campaigns.setup.contacts import clean_return_link, clean_support_contact, is_https
from moments.errors import RuleViolation

DANGEROUS = [
    "javascript:alert(1)",
    "JavaScript:alert(1)",
    "data:text/html,x",
    "vbscript:x",
    "file:///etc/passwd",
    "intent://x#Intent;end",
    "tel:+15035550142",
    "mailto:a@example.com",
    "http://example.com",
    "ms-settings:privacy",
    "web+thing:x",
]


@pytest.mark.parametrize("text", ["help@example.com", "https://example.com/help", "", "  help@example.com  "])
def test_an_email_address_or_an_https_page_is_a_support_contact(text):
    assert clean_support_contact(text) == text.strip()


@pytest.mark.parametrize("text", ["help", "http://example.com", "help@", "https://", "javascript:alert(1)"])
def test_anything_else_is_refused_as_support_contact(text):
    with pytest.raises(RuleViolation) as caught:
        clean_support_contact(text)

    assert (caught.value.code, caught.value.field) == ("bad_contact", "support_contact")
    assert f"“{text}”" in caught.value.message


@pytest.mark.parametrize(
    "link", ["https://example.com/x?y=1#z", "lantern://home", "com.example.app:/done", "", " x1+y.z-w:q "]
)
def test_an_https_url_or_an_apps_own_link_leads_back(link):
    assert clean_return_link(link) == link.strip()


@pytest.mark.parametrize(
    "link", [*DANGEROUS, "lantern:", "lantern://ho me", "1app://home", "example.com", "lantern://a\x00"]
)
def test_a_link_that_a_browser_or_a_phone_handles_itself_is_refused(link):
    with pytest.raises(RuleViolation) as caught:
        clean_return_link(link)

    assert (caught.value.code, caught.value.field) == ("bad_link", "return_link")


def test_what_is_shown_of_a_refused_text_is_cut():
    with pytest.raises(RuleViolation) as caught:
        clean_support_contact("x" * 500)

    assert len(caught.value.message) < 200


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.com", True),
        ("HTTPS://EXAMPLE.COM", True),
        ("https://user:secret@example.com", False),
        ("https://example.com\\@other.com", False),
        ("https://localhost", False),
        ("https://exa mple.com", False),
        ("https://[::1", False),
        ("http://example.com", False),
    ],
)
def test_an_https_url_has_a_host_and_no_credentials(text, expected):
    assert is_https(text) == expected
