"""Interface of gift providers."""

from dataclasses import dataclass, field
from typing import Protocol

from redemption.models import FulfillmentRequest


@dataclass(frozen=True)
class Accepted:
    """An order that the provider accepted: its reference, and the code or link of the gift."""

    reference: str
    content: str = field(repr=False)  # anyone who has it can spend it, so keep it out of logs and tracebacks


class Provider(Protocol):
    """A gift provider. Methods call the network, so never inside a transaction. Error messages contain no code and no
    key.
    """

    tells_what_is_there: bool  # if True, find() returning None means that there is no order

    def what_is_missing(self) -> str:
        """Return the required setting that is not set; empty if none is missing."""

    def place(self, request: FulfillmentRequest) -> Accepted:
        """Order the gift under ``request.request_id``."""

    def find(self, request: FulfillmentRequest) -> Accepted | None:
        """Return the provider's order for ``request.request_id``; None if the provider says that there is none.

        Also returns None if the provider cannot be queried. Placing the order again returns the existing one then.
        """

    def take_back(self, request: FulfillmentRequest) -> None:
        """Cancel the unspent order ``request.request_id``. Raises ``Declined`` if the provider refuses."""
