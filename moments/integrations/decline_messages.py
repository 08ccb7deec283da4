"""Texts for a payment provider's decline codes. The provider's own texts are for developers and not shown."""

from django.utils.translation import gettext as _

AUTHENTICATION = {"authentication_required", "authentication_not_handled", "payment_intent_authentication_failure"}
NO_FUNDS = {"insufficient_funds", "card_velocity_exceeded", "withdrawal_count_limit_exceeded"}
EXPIRED = {"expired_card", "invalid_expiry_month", "invalid_expiry_year"}
MISTYPED = {"incorrect_number", "invalid_number", "incorrect_cvc", "invalid_cvc", "incorrect_zip"}
LATER = {"processing_error", "try_again_later", "issuer_not_available", "reenter_transaction", "approve_with_id"}


def words_for(code: str, decline_code: str = "") -> str:
    """Return why a card was not charged, from the provider's code and the bank's decline code."""
    codes = {code, decline_code}
    if codes & AUTHENTICATION:
        return _("The bank wants the card's owner to confirm it. Set the card up again.")
    if codes & NO_FUNDS:
        return _("The card was declined: its limit or balance does not cover the amount.")
    if codes & EXPIRED:
        return _("The card was declined: it has expired.")
    if codes & MISTYPED:
        return _("The card was declined: its number, date or security code is not right.")
    if codes & LATER:
        return _("The card could not be charged just now.")
    return _("The card was declined by its bank.")
