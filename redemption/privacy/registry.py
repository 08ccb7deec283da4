"""Where the installation keeps what is about a person: in which part of their download it stands, and what becomes of
it when they erase their account. A test compares it with the models: a column that points at a user is listed here.
"""

from dataclasses import dataclass
from enum import Enum


class Fate(Enum):
    """What erasing an account does with rows."""

    GONE = "deleted"
    BLANKED = "kept, with nothing in it that says who it was"
    KEPT = "kept, with the pseudonym in the place of the person"


@dataclass(frozen=True)
class Kept:
    """``section`` of the download, or (where it is empty) ``why`` it stands in none."""

    fate: Fate
    section: str = ""
    why: str = ""


STAFF = Kept(Fate.KEPT, why="what somebody did as an operator, not what is known of them")
MEMBER = Kept(Fate.KEPT, why="what somebody did for an organization; it stands in that organization's own records")
OWN_KEY = Kept(Fate.GONE, why="a secret of signing in; that there is one is said under sign-in")

PEOPLE: dict[str, Kept] = {
    "account.EmailAddress.user": Kept(Fate.GONE, "addresses_of_mail"),
    "socialaccount.SocialAccount.user": Kept(Fate.GONE, "providers"),
    "mfa.Authenticator.user": Kept(Fate.GONE, "second_factors"),
    "usersessions.UserSession.user": Kept(Fate.GONE, "sessions"),
    "accounts.SignIn.user": Kept(Fate.GONE, "sign_ins"),
    "accounts.SignInLink.user": OWN_KEY,
    "accounts.Look.customer": Kept(Fate.KEPT, "looks_of_staff"),
    "accounts.Look.by": STAFF,
    "accounts.Organization.users": Kept(Fate.GONE, "organizations"),
    "accounts.Member.user": Kept(Fate.GONE, "organizations"),
    "accounts.SupportRequest.opened_by": Kept(Fate.KEPT, "requests"),
    "accounts.SupportMessage.author": Kept(Fate.KEPT, "requests"),
    "outbox.Mail.user": Kept(Fate.BLANKED, "mails"),
    "rewards.Reward.customer": Kept(Fate.KEPT, "rewards"),
    "redemption.SavedAddress.customer": Kept(Fate.GONE, "saved_addresses"),
    "redemption.Membership.user": Kept(Fate.GONE, "memberships"),
    "redemption.Order.customer": Kept(Fate.BLANKED, "orders"),
    "redemption.OrderPayment.customer": Kept(Fate.KEPT, "payments"),
    "redemption.Reservation.customer": Kept(
        Fate.BLANKED, why="lasts a quarter of an hour; then it is an order or gone"
    ),
    "redemption.Appeal.customer": Kept(Fate.GONE, "appeals"),
    "redemption.StockWish.customer": Kept(Fate.GONE, "wishes"),
    "redemption.Appeal.decided_by": STAFF,
    "rewards.ClaimTrace.customer": Kept(Fate.KEPT, "marks_of_claims"),  # so that nobody claims anew by erasing
    "rewards.ClaimAllowance.customer": Kept(Fate.KEPT, why="the answer to an appeal, which is there"),
    "rewards.ClaimAllowance.by": STAFF,
    "redemption.OrderChange.by": Kept(Fate.KEPT, why="stands in the history of the order"),
    "redemption.DigestOptOut.user": Kept(Fate.GONE, why="that an operator wants no daily digest"),
    "admin.LogEntry.user": STAFF,
    "outbox.AddressTrouble.proposed_by": STAFF,
    "outbox.AddressTrouble.ended_by": STAFF,
    "catalog.CsvImport.uploaded_by": STAFF,
    "catalog.CsvImport.applied_by": STAFF,
    "campaigns.OrganizationLimitChange.by": STAFF,
    "campaigns.Statement.paid_marked_by": STAFF,
    "accounts.Invitation.invited_by": MEMBER,
    "accounts.ApiKey.created_by": MEMBER,
    "accounts.AuditEntry.by": MEMBER,
    "campaigns.Banner.uploaded_by": MEMBER,
    "campaigns.Campaign.created_by": MEMBER,
    "campaigns.CampaignVersion.submitted_by": MEMBER,
    "campaigns.CampaignVersion.decided_by": STAFF,
    "campaigns.CampaignChange.by": MEMBER,
    "campaigns.PaymentMethod.owner": MEMBER,
    "rewards.RewardBatch.uploaded_by": MEMBER,
    "rewards.RewardBatch.confirmed_by": MEMBER,
}
# Columns that hold an address of mail without pointing at a user, and what becomes of them.
ADDRESSES: dict[str, Kept] = {
    "accounts.User.email": Kept(Fate.BLANKED, "account"),
    "account.EmailAddress.email": Kept(Fate.GONE, "addresses_of_mail"),
    "accounts.SignInLink.email": OWN_KEY,
    "accounts.Invitation.email": Kept(Fate.BLANKED, why="whom an organization invited: its own record"),
    "outbox.AddressTrouble.email": Kept(Fate.GONE, "unreachable"),
    "outbox.AddressTrouble.proposed": Kept(Fate.GONE, "unreachable"),
    "outbox.Mail.to_email": Kept(Fate.BLANKED, "mails"),
}


def doomed() -> list[str]:
    """Columns whose rows are deleted with the account."""
    return [name for name, kept in PEOPLE.items() if kept.fate == Fate.GONE and name != "accounts.Organization.users"]
