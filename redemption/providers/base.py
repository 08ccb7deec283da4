"""What a provider of gifts can do, and how it can fail."""

from dataclasses import dataclass, field
from typing import Protocol

from redemption.models import FulfillmentRequest


@dataclass(frozen=True)
class Accepted:
    """The provider has the order: its own number for it, and the code or link that is the gift."""

    reference: str
    content: str = field(repr=False)  # whoever reads it can spend it, so it is in no log and no traceback


class Provider(Protocol):
    """Calls go to the network, so never inside a transaction. Messages of errors name no code and no key."""

    tells_what_is_there: bool  # so that nothing found means that nothing is there

    def what_is_missing(self) -> str:
        """The setting without which it cannot be called; empty when nothing is missing."""

    def place(self, request: FulfillmentRequest) -> Accepted:
        """Order the gift, under ``request.request_id``."""

    def find(self, request: FulfillmentRequest) -> Accepted | None:
        """What it has under ``request.request_id``; None only where it says that there is nothing.

        None too from a provider that cannot tell: who places again under the same id gets what is there already.
        """

    def take_back(self, request: FulfillmentRequest) -> None:
        """Cancel what it has under ``request.request_id``, unspent. ``Refused`` where it will not."""
