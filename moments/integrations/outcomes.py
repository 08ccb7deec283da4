"""Unsuccessful outcomes of calls to external servers."""


class OutcomeUnknown(Exception):  # noqa: N818 - an outcome, not an error
    """Raised if the request may have been accepted: a timeout, a dropped connection, a 5xx status, a
    rate limit or a rejected API key."""


class Pending(OutcomeUnknown):
    """Raised if the provider has the order and delivers the gift later."""


class Declined(Exception):  # noqa: N818
    """Raised for a definite refusal: this call ordered or charged nothing."""


class InvalidProviderResponse(Exception):  # noqa: N818
    """Raised for a response that does not match the request or cannot be read."""
