"""What organizations ask the operators."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Organization, User
from moments.names import NameField


class SupportRequest(models.Model):
    """What an organization asks of the operator, as a thread."""

    class Kind(models.TextChoices):
        LIMIT = "limit", _("raise a limit")
        OWN_PRODUCT = "own_product", _("offer our own product")
        TSHIRT = "tshirt", _("join the T-shirt program")
        OTHER = "other", _("something else")

    class Status(models.TextChoices):
        OPEN = "open", _("open")
        ANSWERED = "answered", _("answered")
        CLOSED = "closed", _("closed")

    MOVES = {
        Status.OPEN: {Status.ANSWERED, Status.CLOSED},
        Status.ANSWERED: {Status.OPEN, Status.CLOSED},
        Status.CLOSED: {Status.OPEN, Status.ANSWERED},
    }

    organization = models.ForeignKey(Organization, models.CASCADE, related_name="support_requests")
    opened_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    kind = models.CharField(_("about"), max_length=12, choices=Kind.choices)
    subject = NameField(_("subject"), max_length=160)
    status = models.CharField(_("status"), max_length=12, choices=Status.choices, default=Status.OPEN)
    created_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("support request")
        verbose_name_plural = _("support requests")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.subject


class SupportMessage(models.Model):
    """One message of a support request's thread."""

    request = models.ForeignKey(SupportRequest, models.CASCADE, related_name="messages")
    author = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    from_operator = models.BooleanField(default=False)
    body = models.TextField(_("message"), max_length=5000)
    picture = models.ImageField(_("picture"), upload_to="designs/", blank=True)
    created_at = models.DateTimeField(_("sent"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("message")
        verbose_name_plural = _("messages")
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.body[:60]
