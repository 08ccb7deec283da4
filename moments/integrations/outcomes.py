"""How a call to a server of somebody else can end, other than well."""


class OutcomeUnknown(Exception):  # noqa: N818 - an outcome, not a fault of ours
    """Nobody knows whether it was accepted: a timeout, a dropped connection, a 5xx."""


class Pending(OutcomeUnknown):
    """The provider answers that it has the order, and that the gift comes later."""


class Declined(Exception):  # noqa: N818
    """A definite no: nothing was ordered by this call."""


class InvalidProviderResponse(Exception):  # noqa: N818
    """An answer that cannot be believed: of another order, another amount, or no answer of theirs at all."""
