from accounts.models.audit import AuditEntry
from accounts.models.data_access import DataAccessLog
from accounts.models.links import SignInLink
from accounts.models.people import (
    ApiKey,
    App,
    IneligibleCountry,
    Invitation,
    Member,
    Organization,
    SignIn,
    User,
    UserManager,
    display_name,
)
from accounts.models.pictures import StoredPicture
from accounts.models.support import SupportMessage, SupportRequest

__all__ = [
    "ApiKey",
    "App",
    "AuditEntry",
    "IneligibleCountry",
    "Invitation",
    "DataAccessLog",
    "Member",
    "Organization",
    "SignIn",
    "SignInLink",
    "StoredPicture",
    "SupportMessage",
    "SupportRequest",
    "User",
    "UserManager",
    "display_name",
]
