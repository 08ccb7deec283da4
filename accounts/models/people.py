"""Who takes part: people, the organizations that pay, their apps and keys, and what they ask the operator."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from moments.names import NameField


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Whoever runs this has a shell on the server, so the address counts as confirmed without a mail."""
        from allauth.account.models import EmailAddress  # needs the user model first

        made = self.create_user(email, password, is_staff=True, is_superuser=True, **fields)
        EmailAddress.objects.get_or_create(user=made, email=made.email, defaults={"verified": True, "primary": True})
        return made

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())


class User(AbstractBaseUser, PermissionsMixin):
    """One person: a developer, a customer, an operator, or several of these. The email address is the login."""

    email = models.EmailField(_("email address"), max_length=254, unique=True)
    name = NameField(_("name"), max_length=120, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    browser_time_zone = models.CharField(
        _("time zone of the browser"),
        max_length=64,
        blank=True,
        editable=False,
        help_text=_("Empty: the browser has not said."),
    )
    language = models.CharField(
        _("language"), max_length=10, blank=True, help_text=_("Of pages and mails about rewards; empty: the browser's.")
    )
    is_staff = models.BooleanField(_("operator"), default=False, help_text=_("May sign in to the operators' pages."))
    is_active = models.BooleanField(_("active"), default=True)
    joined_at = models.DateTimeField(_("joined"), default=timezone.now, editable=False)
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True, editable=False)

    objects = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [models.CheckConstraint(condition=models.Q(email=Lower("email")), name="user_email_lower_case")]

    def __str__(self) -> str:
        return self.email

    def get_full_name(self) -> str:
        if self.erased_at:
            return gettext("erased account %s") % self.email.partition("@")[0].rpartition("-")[2]
        return self.name or self.email

    def get_short_name(self) -> str:
        return self.name.split(" ")[0] if self.name else self.email.split("@")[0]


class SignIn(models.Model):
    """Somebody signed in as a user, or tried to. Neither the whole address nor the whole browser is kept."""

    class Outcome(models.TextChoices):
        SUCCEEDED = "succeeded", _("signed in")
        FAILED = "failed", _("wrong password or code")
        LOCKED_OUT = "locked", _("locked out for a while")
        NEW_PASSWORD = "password", _("password changed")

    user = models.ForeignKey(User, models.CASCADE, related_name="sign_ins")
    occurred_at = models.DateTimeField(_("when"))
    outcome = models.CharField(_("what"), max_length=9, choices=Outcome.choices)
    address = models.CharField(_("from"), max_length=40, blank=True)
    device = models.CharField(_("device"), max_length=60, blank=True)

    class Meta:
        verbose_name = _("sign-in")
        verbose_name_plural = _("sign-ins")
        ordering = ["-occurred_at", "-id"]
        indexes = [models.Index(fields=["user", "-occurred_at"], name="sign_in_by_user")]

    def __str__(self) -> str:
        return f"{self.user} {self.outcome}"


def display_name(user: User) -> str:
    return user.get_short_name()


class IneligibleCountry(models.Model):
    """A country whose organizations cannot register. Kept by operators."""

    code = models.CharField(_("country"), max_length=2, primary_key=True, help_text=_("ISO 3166-1, two letters."))
    reason = models.CharField(_("reason"), max_length=200)

    class Meta:
        verbose_name = _("ineligible country")
        verbose_name_plural = _("ineligible countries")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.code


class Organization(models.Model):
    """Who pays. Everything a developer makes belongs to one."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        SUSPENDED = "suspended", _("suspended")

    MOVES = {Status.ACTIVE: {Status.SUSPENDED}, Status.SUSPENDED: {Status.ACTIVE}}

    name = NameField(_("name"), max_length=120)
    country = models.CharField(_("country"), max_length=2)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.ACTIVE)
    monthly_limit_cents = models.BigIntegerField(
        _("monthly limit"), default=1_500_000, help_text=_("US cents a calendar month (UTC), over all campaigns.")
    )
    payment_waived_at = models.DateTimeField(_("payment waived"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    users = models.ManyToManyField(User, through="Member", related_name="organizations")

    class Meta:
        verbose_name = _("organization")
        verbose_name_plural = _("organizations")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(monthly_limit_cents__gte=0), name="organization_limit_not_negative"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    """A user in an organization, with a role."""

    class Role(models.TextChoices):
        OWNER = "owner", _("owner")
        ADMIN = "admin", _("administrator")
        EDITOR = "editor", _("editor")
        ANALYST = "analyst", _("analyst")

    MANAGERS = (Role.OWNER, Role.ADMIN)
    EDITORS = (*MANAGERS, Role.EDITOR)
    EVERYBODY = (*EDITORS, Role.ANALYST)

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="members")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(_("role"), max_length=12, choices=Role.choices)
    created_at = models.DateTimeField(_("since"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [models.UniqueConstraint(fields=["organization", "user"], name="member_once")]

    def __str__(self) -> str:
        return f"{self.user} ({self.get_role_display()})"

    @property
    def may_manage(self) -> bool:
        """Team, keys, the organization itself."""
        return self.role in self.MANAGERS

    @property
    def may_edit(self) -> bool:
        """Campaigns, banners, points; send rewards."""
        return self.role in self.EDITORS


class Invitation(models.Model):
    """An offer to join an organization, sent by mail. The link's secret is stored as a digest."""

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="invitations")
    email = models.EmailField(_("email address"))
    role = models.CharField(_("role"), max_length=12, choices=Member.Role.choices)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    invited_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires"))
    accepted_at = models.DateTimeField(_("accepted"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("withdrawn"), null=True, blank=True)

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        constraints = [
            models.UniqueConstraint(
                "organization",
                Lower("email"),
                condition=models.Q(accepted_at=None, withdrawn_at=None),
                name="invitation_open_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"


class App(models.Model):
    """A registered app, game or site of an organization."""

    class OpensIn(models.TextChoices):
        BROWSER = "browser", _("mobile browser")
        WEB_VIEW = "web_view", _("the app's web view")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey(Organization, models.PROTECT, related_name="apps")
    name = NameField(_("name"), max_length=120)
    url = models.URLField(_("website or store page"), blank=True)
    opens_in = models.CharField(
        _("reward pages open in"), max_length=12, choices=OpensIn.choices, default=OpensIn.BROWSER
    )
    color = models.CharField(
        _("color"), max_length=7, blank=True, help_text=_("Of the app's points page, as #rrggbb. Empty: Moments' own.")
    )
    logo = models.ImageField(_("logo"), upload_to="logos/", blank=True)
    legacy_missing_reward = models.BooleanField(
        _("legacy missing reward"),
        default=False,
        help_text=_("Answer a reward that does not exist with 200 and [], as Amazon Moments did."),
    )
    logs_calls = models.BooleanField(
        _("log API calls"),
        default=True,
        help_text=_("Keep API calls for 30 days, where your team can look at them under API calls."),
    )
    ip_allowlist = ArrayField(
        models.CharField(max_length=43),
        verbose_name=_("allowed addresses"),
        default=list,
        blank=True,
        help_text=_("IP addresses or networks that may call the API. Empty: any."),
    )
    rate_per_second = models.PositiveIntegerField(
        _("calls per second"),
        null=True,
        blank=True,
        help_text=_("Empty: the installation's own rate. Burst is twice that."),
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    archived_at = models.DateTimeField(_("archived"), null=True, blank=True)

    class Meta:
        verbose_name = _("app")
        verbose_name_plural = _("apps")
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organization", "name"], name="app_name_once"),
            models.CheckConstraint(
                condition=models.Q(color="") | models.Q(color__regex="^#[0-9a-f]{6}$"), name="app_color_is_hexadecimal"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class ApiKey(models.Model):
    """A key of one app. Shown once; what is stored is its SHA-256."""

    class Mode(models.TextChoices):
        LIVE = "live", _("live")
        TEST = "test", _("test")

    app = models.ForeignKey(App, models.PROTECT, related_name="api_keys")
    mode = models.CharField(_("mode"), max_length=4, choices=Mode.choices)
    name = NameField(_("name"), max_length=80, blank=True)
    hint = models.CharField(_("key"), max_length=20, help_text=_("How it begins, to tell keys apart."))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=24), verbose_name=_("scopes"), default=list)
    created_by = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    expires_at = models.DateTimeField(_("works until"), null=True, blank=True, help_text=_("Set when it was rolled."))
    revoked_at = models.DateTimeField(_("revoked"), null=True, blank=True)

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.hint}…"
