"""Names of what lies to the right in the line of apps: URL names and dotted functions, as strings, here alone."""

from django.conf import settings
from django.urls import reverse
from django.utils.module_loading import import_string

# Kind of mail → function(context: dict) → what its template shows (and "to", where the row does not say).
MAIL_CONTEXTS: dict[str, str] = {
    "campaign_approved": "campaigns.emails.decision_context",
    "campaign_rejected": "campaigns.emails.decision_context",
    "campaign_finished": "campaigns.emails.finished_context",
    "campaign_held": "campaigns.emails.held_context",
    "campaign_released": "campaigns.emails.released_context",
    "budget_threshold": "campaigns.emails.threshold_context",
    "payment_failed": "campaigns.billing.collection.failed_context",
    "statement_ready": "campaigns.billing.statements.statement_context",
    "exchange_stuck": "rewards.issuing.emails.stuck_exchange_context",
    "reward_issued": "rewards.issuing.emails.reward_context",
    "reward_expiring": "rewards.issuing.emails.reminder_context",
    "address_check": "outbox.emails.suppression.check_context",
    "order_confirmed": "redemption.orders.emails.order_context",
    "order_shipped": "redemption.orders.emails.order_context",
    "order_delivered": "redemption.orders.emails.order_context",
    "order_refunded": "redemption.orders.emails.order_context",
    "order_substitution": "redemption.orders.emails.substitution_context",
    "order_canceled": "redemption.orders.emails.order_context",
    "appeal_answered": "redemption.orders.emails.appeal_context",
    "back_in_stock": "redemption.orders.emails.return_context",
    "payment_returned": "redemption.orders.emails.payment_context",
    "account_erased": "redemption.privacy.erasure.erased_context",
    "operator_digest": "operations.digest.digest_context",
    "report": "console.reports.subscriptions.report_context",
}

# () → kind of mail → what its template shows in a preview
MAIL_SAMPLES = "operations.email_samples.samples"
# Kind of an operators' upload → the class that reads and does its lines.
SHEETS: dict[str, str] = {
    "stock": "catalog.imports.csv_schemas.StockSheet",
    "prices": "catalog.imports.csv_schemas.PriceSheet",
    "taxes": "catalog.imports.csv_schemas.TaxSheet",
    "rates": "catalog.imports.exchange_rate_schema.RateSheet",
    "memberships": "redemption.account.membership_import.MembershipSheet",
}
# name of a provider → which of its settings are not set, as a sentence; empty where it can be called
MISSING_SETTINGS = "redemption.providers.registry.missing_settings"
# (product, size) → how many of it are promised to customers and still stand on its shelf
PROMISED_UNITS = "redemption.orders.committed_stock.promised_units"

MY_PAGES = "redemption/account/base.html"  # the frame of a customer's own pages
REWARD_URL = "redemption:open"
TERMS_URL = "redemption:terms"
STOP_REMINDERS_URL = "redemption:stop_reminders"


def absolute(name: str, *args: object) -> str:
    """The full address of a named page, as mails, snippets and API answers carry it."""
    return absolute_url(reverse(name, args=args))


def absolute_url(path: str) -> str:
    """``path`` on this installation: of a picture, say."""
    return settings.BASE_URL + path


def reward_url(token: str) -> str:
    return absolute(REWARD_URL, token)


def stop_reminders_url(signed: str) -> str:
    return absolute(STOP_REMINDERS_URL, signed)


def terms_url(campaign) -> str:
    """The public page of a campaign's terms."""
    return absolute(TERMS_URL, campaign.pk)


def mail_context(kind: str, context: dict) -> dict:
    return import_string(MAIL_CONTEXTS[kind])(context)


def mail_samples() -> dict[str, dict]:
    return import_string(MAIL_SAMPLES)()


def missing_settings(fulfillment: str) -> str:
    return import_string(MISSING_SETTINGS)(fulfillment)


def promised_units(product: object, size: object) -> int:
    return import_string(PROMISED_UNITS)(product, size)
