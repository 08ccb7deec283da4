"""Registry of columns with personal data: their section in the export and what erasing an account does with them. A
test compares it with the models: every column that points at a user must be listed.
"""

from dataclasses import dataclass
from enum import Enum


class ErasurePolicy(Enum):
    """What happens to rows when the account is erased."""

    DELETE = "deleted"
    BLANK = "kept, with nothing in it that says who it was"
    PSEUDONYMIZE = "kept, with the pseudonym in the place of the person"


@dataclass(frozen=True)
class PersonalColumn:
    """A column with personal data. ``section`` is its part of the export; if empty, ``why`` says why it is not
    exported.
    """

    policy: ErasurePolicy
    section: str = ""
    why: str = ""


STAFF = PersonalColumn(ErasurePolicy.PSEUDONYMIZE, why="what somebody did as an operator, not what is known of them")
MEMBER = PersonalColumn(
    ErasurePolicy.PSEUDONYMIZE,
    why="what somebody did for an organization; it is in that organization's own records",
)
OWN_KEY = PersonalColumn(ErasurePolicy.DELETE, why="a secret of signing in; that there is one is said under sign-in")

PEOPLE: dict[str, PersonalColumn] = {
    "account.EmailAddress.user": PersonalColumn(ErasurePolicy.DELETE, "addresses_of_mail"),
    "socialaccount.SocialAccount.user": PersonalColumn(ErasurePolicy.DELETE, "providers"),
    "mfa.Authenticator.user": PersonalColumn(ErasurePolicy.DELETE, "second_factors"),
    "usersessions.UserSession.user": PersonalColumn(ErasurePolicy.DELETE, "sessions"),
    "accounts.SignIn.user": PersonalColumn(ErasurePolicy.DELETE, "sign_ins"),
    "accounts.SignInLink.user": OWN_KEY,
    "accounts.DataAccessLog.customer": PersonalColumn(ErasurePolicy.PSEUDONYMIZE, "staff_accesses"),
    "accounts.DataAccessLog.actor": STAFF,
    "accounts.Organization.users": PersonalColumn(ErasurePolicy.DELETE, "organizations"),
    "accounts.Member.user": PersonalColumn(ErasurePolicy.DELETE, "organizations"),
    "accounts.SupportRequest.opened_by": PersonalColumn(ErasurePolicy.PSEUDONYMIZE, "requests"),
    "accounts.SupportMessage.author": PersonalColumn(ErasurePolicy.PSEUDONYMIZE, "requests"),
    "outbox.Mail.user": PersonalColumn(ErasurePolicy.BLANK, "mails"),
    "rewards.Reward.customer": PersonalColumn(ErasurePolicy.PSEUDONYMIZE, "rewards"),
    "redemption.SavedAddress.customer": PersonalColumn(ErasurePolicy.DELETE, "saved_addresses"),
    "redemption.Membership.user": PersonalColumn(ErasurePolicy.DELETE, "memberships"),
    "redemption.Order.customer": PersonalColumn(ErasurePolicy.BLANK, "orders"),
    "redemption.OrderPayment.customer": PersonalColumn(ErasurePolicy.PSEUDONYMIZE, "payments"),
    "redemption.Reservation.customer": PersonalColumn(
        ErasurePolicy.BLANK, why="lasts a quarter of an hour; then it is an order or gone"
    ),
    "redemption.Appeal.customer": PersonalColumn(ErasurePolicy.DELETE, "appeals"),
    "redemption.BackInStockAlert.customer": PersonalColumn(ErasurePolicy.DELETE, "wishes"),
    "redemption.Appeal.decided_by": STAFF,
    "rewards.ClaimFingerprint.customer": PersonalColumn(
        ErasurePolicy.PSEUDONYMIZE, "claim_fingerprints"
    ),  # so that nobody can claim again by erasing the account
    "rewards.ClaimOverride.customer": PersonalColumn(
        ErasurePolicy.PSEUDONYMIZE, why="the answer to an appeal, which is there"
    ),
    "rewards.ClaimOverride.actor": STAFF,
    "redemption.OrderChange.actor": PersonalColumn(
        ErasurePolicy.PSEUDONYMIZE, why="is part of the history of the order"
    ),
    "redemption.DigestOptOut.user": PersonalColumn(ErasurePolicy.DELETE, why="that an operator wants no daily digest"),
    "admin.LogEntry.user": STAFF,
    "outbox.EmailSuppression.proposed_by": STAFF,
    "outbox.EmailSuppression.ended_by": STAFF,
    "catalog.CsvImport.uploaded_by": STAFF,
    "catalog.CsvImport.applied_by": STAFF,
    "campaigns.OrganizationLimitChange.actor": STAFF,
    "campaigns.Statement.paid_marked_by": STAFF,
    "accounts.Invitation.invited_by": MEMBER,
    "accounts.ApiKey.created_by": MEMBER,
    "accounts.AuditEntry.actor": MEMBER,
    "outbox.WebhookEndpoint.created_by": MEMBER,
    "rewards.PointEntry.actor": MEMBER,
    "rewards.PointAdjustment.actor": MEMBER,
    "rewards.PointReversal.actor": MEMBER,
    "campaigns.Banner.uploaded_by": MEMBER,
    "campaigns.Campaign.created_by": MEMBER,
    "campaigns.CampaignVersion.submitted_by": MEMBER,
    "campaigns.CampaignVersion.decided_by": STAFF,
    "campaigns.CampaignChange.actor": MEMBER,
    "campaigns.PaymentMethod.owner": MEMBER,
    "rewards.RewardBatch.uploaded_by": MEMBER,
    "rewards.RewardBatch.confirmed_by": MEMBER,
}
# Columns with an email address that do not point at a user.
ADDRESSES: dict[str, PersonalColumn] = {
    "accounts.User.email": PersonalColumn(ErasurePolicy.BLANK, "account"),
    "account.EmailAddress.email": PersonalColumn(ErasurePolicy.DELETE, "addresses_of_mail"),
    "accounts.SignInLink.email": OWN_KEY,
    "accounts.Invitation.email": PersonalColumn(
        ErasurePolicy.BLANK, why="whom an organization invited: its own record"
    ),
    "rewards.PointEventEmail.email": PersonalColumn(ErasurePolicy.DELETE, "points_emails"),
    "outbox.EmailSuppression.email": PersonalColumn(ErasurePolicy.DELETE, "unreachable"),
    "outbox.EmailSuppression.proposed": PersonalColumn(ErasurePolicy.DELETE, "unreachable"),
    "outbox.Mail.to_email": PersonalColumn(ErasurePolicy.BLANK, "mails"),
}


def columns_to_delete() -> list[str]:
    """Return the columns whose rows are deleted with the account."""
    return [
        name
        for name, kept in PEOPLE.items()
        if kept.policy == ErasurePolicy.DELETE and name != "accounts.Organization.users"
    ]
