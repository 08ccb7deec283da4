"""Registries for lower-level apps: kinds of emails and events, CSV schemas, provided functions and URL names."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from django.conf import settings
from django.urls import reverse
from django.utils.functional import Promise

Item = TypeVar("Item")


class Registry(Generic[Item]):
    """Objects that apps register by name when they are loaded, as in ``@emails.add("order_shipped")``."""

    def __init__(self, of: str) -> None:
        self.of = of
        self._items: dict[str, Item] = {}

    def add(self, *names: str) -> Callable[[Item], Item]:
        """Decorator that registers an object under each of ``names``. Raises ``ValueError`` if a name is taken."""

        def decorate(item: Item) -> Item:
            for name in names:
                if self._items.setdefault(name, item) is not item:
                    raise ValueError(f"Two things are declared as {self.of} “{name}”.")
            return item

        return decorate

    def __getitem__(self, name: str) -> Item:
        return self._items[name]

    def __contains__(self, name: object) -> bool:
        return name in self._items

    def __iter__(self) -> Iterator[str]:
        return iter(self._items)


class Provided(Generic[Item]):
    """A function that this app calls and that another app provides when it is loaded."""

    def __init__(self, does: str) -> None:
        self.does = does
        self.function: Callable[..., Item] | None = None

    def provide(self, function: Callable[..., Item]) -> Callable[..., Item]:
        self.function = function
        return function

    def __call__(self, *arguments: object) -> Item:
        if self.function is None:
            raise LookupError(f"No app provides the function that {self.does}.")
        return self.function(*arguments)


# Kind of email → function(context: dict) → template context (with "to" if the row has no recipient).
emails: Registry[Callable[[dict], dict]] = Registry("email")
# Kind of CSV import → class that reads and applies its lines.
csv_schemas: Registry[type] = Registry("CSV schema")
# Type of event for organizations → sentence that says when it occurs.
events: Registry[str | Promise] = Registry("event")
# Type of event → function(payloads) → payloads as they are sent, with what no row may contain.
event_data: Registry[Callable[[list[dict]], list[dict]]] = Registry("event data")
# Kind of email → function(context, now) for what the email's sender does when its address does not exist.
bounced_emails: Registry[Callable[[dict, dt.datetime], None]] = Registry("bounced email")

# Functions that a web process calls once, before its first request.
web_process_started: list[Callable[[], None]] = []
# (request, response, seconds) → records an API call that was answered
api_call_answered: Provided[None] = Provided("records API calls")
# () → kind of email → template context for a preview
email_samples: Provided[dict[str, dict]] = Provided("makes samples of emails")
# name of a provider → sentence about missing settings; empty if it can be called
missing_settings: Provided[str] = Provided("names a provider's missing settings")
# (product, size) → number of units committed to customers and still on the shelf
promised_units: Provided[int] = Provided("counts promised units")

MY_PAGES = "redemption/account/base.html"  # base template of a customer's account pages
REWARD_URL = "redemption:open"
TERMS_URL = "redemption:terms"
STOP_REMINDERS_URL = "redemption:stop_reminders"


def absolute(name: str, *args: object) -> str:
    """Return the full URL of a named page, for emails, snippets and API responses."""
    return absolute_url(reverse(name, args=args))


def absolute_url(path: str) -> str:
    """Return the full URL of ``path``, such as a picture's."""
    return settings.BASE_URL + path


def reward_url(token: str) -> str:
    return absolute(REWARD_URL, token)


def stop_reminders_url(signed: str) -> str:
    return absolute(STOP_REMINDERS_URL, signed)


def terms_url(campaign: Any) -> str:
    """Return the URL of the public page with a campaign's terms."""
    return absolute(TERMS_URL, campaign.pk)
