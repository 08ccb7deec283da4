"""Passwords that many people have are refused in every disguise."""

import pytest
from django.core.exceptions import ValidationError

from accounts.sign_in.passwords import DecoratedCommonPasswordValidator, forms_of, once

REFUSED = ["password", "PASSWORD", "Password2026!", "p@ssw0rd", "p@ssw0rdp@ssw0rd", "qwertyqwerty1", "!!letmein!!"]


@pytest.fixture(scope="module")
def validator():
    return DecoratedCommonPasswordValidator()


@pytest.mark.parametrize("password", REFUSED)
def test_a_common_password_is_refused_in_every_disguise(validator, password):
    with pytest.raises(ValidationError) as caught:
        validator.validate(password)

    assert caught.value.code == "password_too_common"


@pytest.mark.parametrize("password", ["correct horse battery staple", "Zq7#mouse-lantern", "", "2026!!"])
def test_what_nobody_else_has_passes(validator, password):
    validator.validate(password)


def test_the_words_behind_a_password_are_without_digits_around_and_in_plain_letters():
    assert "password" in forms_of("P@ssw0rd2026!")
    assert forms_of("") == set()


@pytest.mark.parametrize(
    ("word", "expected"), [("abcabc", "abc"), ("aaaa", "a"), ("abcab", "abcab"), ("abc", "abc"), ("", "")]
)
def test_a_word_that_repeats_itself_is_taken_once(word, expected):
    assert once(word) == expected


def test_the_hint_says_what_is_asked_for(validator):
    assert "not even with something added" in validator.get_help_text()
