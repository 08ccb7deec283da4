"""Settings are read from the environment, and what cannot be read is refused by name."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from moments.environment import env_between, env_days, env_flag, env_list, env_number, env_text

NAME = "MOMENTS_TEST_SETTING"


@pytest.fixture
def setting(monkeypatch):
    return lambda text: monkeypatch.setenv(NAME, text)


def test_a_text_is_without_blanks_around_and_empty_means_unset(setting):
    assert env_text(NAME, "usual") == "usual"
    setting("  given ")
    assert env_text(NAME, "usual") == "given"
    setting("   ")
    assert env_text(NAME, "usual") == "usual"


@pytest.mark.parametrize(
    ("text", "expected"), [("1", True), ("TRUE", True), ("yes", True), ("0", False), ("No", False), ("false", False)]
)
def test_a_flag_is_on_or_off(setting, text, expected):
    setting(text)
    assert env_flag(NAME, not expected) is expected


def test_an_unset_flag_is_what_is_usual():
    assert env_flag(NAME) is False and env_flag(NAME, True) is True


@pytest.mark.parametrize("text", ["on", "2", "maybe"])
def test_a_flag_that_is_neither_is_refused(setting, text):
    setting(text)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is '{text}'; it takes 1 or 0"):
        env_flag(NAME)


def test_a_number_is_whole(setting):
    assert env_number(NAME, 7) == 7
    setting("12")
    assert env_number(NAME, 7) == 12
    setting("12.5")
    with pytest.raises(ImproperlyConfigured, match="takes a whole number"):
        env_number(NAME, 7)


@pytest.mark.parametrize("text", ["0", "-1", "36501"])
def test_a_number_of_days_has_bounds(setting, text):
    setting(text)
    with pytest.raises(ImproperlyConfigured, match=f"{NAME} is {text}; it takes 1 to 36500 days"):
        env_days(NAME, 30)


def test_the_bounds_themselves_are_allowed(setting):
    for text in ("1", "5"):
        setting(text)
        assert env_between(NAME, 3, 5, "workers") == int(text)


def test_a_list_is_split_at_commas_and_empty_parts_do_not_count(setting):
    assert env_list(NAME) == []
    setting(" a, b ,,c,")
    assert env_list(NAME) == ["a", "b", "c"]
