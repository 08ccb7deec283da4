"""Typed readers of environment variables. Invalid values raise ``ImproperlyConfigured``."""

import os

from django.core.exceptions import ImproperlyConfigured


def env_text(name: str, default: str = "") -> str:
    return os.environ.get(name, "").strip() or default


def env_flag(name: str, default: bool = False) -> bool:
    text = env_text(name, "1" if default else "0").lower()
    if text not in {"0", "1", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes 1 or 0.")
    return text in {"1", "true", "yes"}


def env_number(name: str, default: int) -> int:
    text = env_text(name, str(default))
    try:
        return int(text)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {text!r}; it takes a whole number.") from None


def env_between(name: str, default: int, most: int, unit: str) -> int:
    number = env_number(name, default)
    if not 1 <= number <= most:
        raise ImproperlyConfigured(f"{name} is {number}; it takes 1 to {most} {unit}.")
    return number


def env_days(name: str, default: int) -> int:
    return env_between(name, default, 36_500, "days")


def env_list(name: str) -> list[str]:
    return [part.strip() for part in env_text(name).split(",") if part.strip()]
