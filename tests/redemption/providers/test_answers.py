"""Reading what a provider answers: nothing is believed that is missing or of another kind."""

import re
from decimal import Decimal

import pytest

from moments.integrations.outcomes import InvalidProviderResponse
from redemption.providers.answers import NUMBER, REFERENCE, matching, member, sanitized


def test_a_member_of_its_kind_is_read():
    assert member({"id": "A1"}, "id", str) == "A1"
    assert member({"amount": Decimal("25.00")}, "amount", NUMBER) == Decimal("25.00")
    assert member({"amount": 25}, "amount", NUMBER) == 25


@pytest.mark.parametrize("answer", [{}, {"id": None}, {"id": 7}, {"id": ["A1"]}, [], None, "id", {"id": True}])
def test_a_member_that_is_missing_or_of_another_kind_is_nonsense(answer):
    with pytest.raises(InvalidProviderResponse, match="“id” is missing"):
        member(answer, "id", str)


def test_true_is_no_number():
    with pytest.raises(InvalidProviderResponse):
        member({"amount": True}, "amount", NUMBER)


def test_a_reference_that_can_be_kept_is_kept():
    assert matching(REFERENCE, {"id": "ORDER_1-a"}, "id") == "ORDER_1-a"


@pytest.mark.parametrize("text", ["", "a b", "a\n", "x" * 101, "<b>", "ö"])
def test_a_reference_that_could_be_anything_else_is_nonsense(text):
    with pytest.raises(InvalidProviderResponse, match="nothing that can be kept"):
        matching(REFERENCE, {"id": text}, "id")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("Insufficient funds", "Insufficient funds"),
        ("See https://gifts.example/secret?x=1 now", "See … now"),
        ("key TEST_0123456789abcdefgh is bad", "key … is bad"),
        ("two\nlines\x00", "twolines"),
        (None, ""),
        ({"message": "x"}, ""),
    ],
)
def test_a_refusal_is_passed_on_without_links_codes_and_keys(said, expected):
    assert sanitized(said) == expected


def test_a_long_refusal_is_cut():
    assert len(sanitized("word " * 100)) == 200
    assert not re.search(r"[\w-]{20,}", sanitized("x" * 500))
