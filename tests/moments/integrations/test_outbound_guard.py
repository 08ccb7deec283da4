"""Nothing leaves the machine inside a transaction, and nothing in the clear."""

import pytest
from django.db import transaction

from moments.integrations.outbound_guard import is_safe, refuse_inside_a_transaction


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/x", True),
        ("http://localhost:8000", True),
        ("http://127.0.0.1", True),
        ("http://[::1]:9000/", True),
        ("http://example.com", False),
        ("http://localhost.example.com", False),
        ("ftp://example.com", False),
        ("https://", False),
        ("https://example.com:port", False),
        ("https://[::1", False),
        ("", False),
    ],
)
def test_a_url_is_https_or_of_this_machine(url, expected):
    assert is_safe(url) == expected


def test_outside_a_transaction_all_is_well(db):
    refuse_inside_a_transaction()


def test_inside_a_transaction_it_is_refused(db):
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        refuse_inside_a_transaction()
