"""Emails, events, webhooks and heartbeats. Rows are written in the transaction that causes them."""

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Mail(models.Model):
    """An email. It is rendered when it is sent, so that no row contains a reward token.

    ``kind`` names the template and, in ``moments.registry.emails``, the function that turns ``context`` (ids and plain
    values) into the template context. Emails of Django and allauth have their text in the row.
    """

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        DEAD = "dead", _("given up")
        HELD = "held", _("held")  # its recipient is suppressed

    MOVES = {
        Status.QUEUED: {Status.SENDING},
        Status.SENDING: {Status.SENT, Status.QUEUED, Status.DEAD, Status.HELD},
        Status.SENT: set(),
        Status.DEAD: {Status.QUEUED},
        Status.HELD: {Status.QUEUED},
    }

    message_id = models.UUIDField(
        unique=True, default=uuid.uuid4, editable=False, help_text=_("The same at every attempt.")
    )
    kind = models.CharField(_("kind"), max_length=40)
    to_email = models.EmailField(_("to"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    language = models.CharField(_("language"), max_length=10, default="en")
    context = models.JSONField(default=dict, blank=True)
    subject = models.CharField(_("subject"), max_length=250, blank=True)
    text = models.TextField(blank=True)
    html = models.TextField(blank=True)
    dedupe_key = models.CharField(
        max_length=120, null=True, blank=True, unique=True, help_text=_("What it must be sent only once for.")
    )
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(_("sent"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    created_at = models.DateTimeField(_("queued"), default=timezone.now, editable=False)
    forgotten_at = models.DateTimeField(
        _("forgotten"), null=True, blank=True, help_text=_("Since then nothing says what it was and to whom.")
    )

    class Meta:
        verbose_name = _("email")
        verbose_name_plural = _("emails")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["due_at"], name="mail_due", condition=models.Q(status="queued")),
            models.Index(Upper("to_email"), "created_at", name="mail_by_address"),
            models.Index(fields=["claimed_at"], name="mail_stuck", condition=models.Q(status="sending")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} to {self.to_email}"


class EmailSuppression(models.Model):
    """An address that emails do not reach, with the time and reason. Emails to it are held until ``ended_at``."""

    class Method(models.TextChoices):
        REFUSED = "refused", _("refused by the mail server")
        RETURNED = "returned", _("came back")
        COMPLAINT = "complaint", _("called unwanted")

    class Ended(models.TextChoices):
        WORKS = "works", _("staff say that it works")
        CONFIRMED = "confirmed", _("its owner confirmed it")
        CORRECTED = "corrected", _("its owner has another")

    email = models.EmailField(_("address"), max_length=254)
    occurred_at = models.DateTimeField(_("since"))
    method = models.CharField(_("how"), max_length=9, choices=Method.choices)
    status = models.CharField(_("status"), max_length=12, blank=True, help_text=_("Of the mail server, such as 5.1.1."))
    reason = models.CharField(_("what it said"), max_length=300, blank=True)
    mail = models.ForeignKey(Mail, models.SET_NULL, null=True, related_name="+", verbose_name=_("which mail"))
    proposed = models.EmailField(_("proposed address"), max_length=254, blank=True)
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )
    proposed_at = models.DateTimeField(_("proposed"), null=True, blank=True)
    proposed_reason = models.CharField(_("why it was proposed"), max_length=300, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)
    ended_method = models.CharField(_("how it ended"), max_length=9, choices=Ended.choices, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("ended by")
    )
    ended_reason = models.CharField(_("why it ended"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("email suppression")
        verbose_name_plural = _("email suppressions")
        ordering = ["-occurred_at"]
        indexes = [models.Index(fields=["email", "ended_at"], name="trouble_by_address")]
        constraints = [
            models.UniqueConstraint(fields=["email"], condition=models.Q(ended_at=None), name="trouble_open_once"),
            models.CheckConstraint(condition=models.Q(email=Lower("email")), name="trouble_email_lower_case"),
        ]

    def __str__(self) -> str:
        return self.email


class Heartbeat(models.Model):
    """The last heartbeat of a host's worker or scheduler, by the database's clock."""

    kind = models.CharField(_("what"), max_length=8)
    host = models.CharField(_("host"), max_length=255)
    last_seen_at = models.DateTimeField(_("last heard of"))
    skew_ms = models.IntegerField(_("clock ahead by"), help_text=_("Milliseconds ahead of the database's."))

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        ordering = ["kind", "host"]
        constraints = [models.UniqueConstraint(fields=["kind", "host"], name="heartbeat_once")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.host}"


class Event(models.Model):
    """An event of an organization for its webhooks and feed, in order of ``sequence``. The payload is small and
    contains no personal data and nothing that redemption changes.

    ``sequence`` counts an organization's events from 1. It is assigned after the commit, because ids are taken before
    it: a reader that goes by id would skip an event that commits late.
    """

    event_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", models.CASCADE, related_name="events", db_index=False)
    sequence = models.BigIntegerField(_("sequence"), null=True, blank=True, editable=False)
    type = models.CharField(_("type"), max_length=60)
    payload = models.JSONField(default=dict)
    dedupe_key = models.CharField(max_length=120, null=True, blank=True, unique=True)
    created_at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["id"]
        indexes = [models.Index(fields=["id"], name="event_unsequenced", condition=models.Q(sequence=None))]
        constraints = [models.UniqueConstraint(fields=["organization", "sequence"], name="event_sequence_once")]

    def __str__(self) -> str:
        return self.type


class WebhookEndpoint(models.Model):
    """A URL of an organization that its events are sent to. ``event_types`` is empty for all but the opt-in ones."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("active")
        DISABLED = "disabled", _("disabled")

    class Reason(models.TextChoices):
        MEMBER = "member", _("disabled by a member")
        GONE = "gone", _("the receiver answered 410 Gone")
        FAILING = "failing", _("every attempt failed for five days")

    MOVES = {Status.ACTIVE: {Status.DISABLED}, Status.DISABLED: {Status.ACTIVE}}

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organization = models.ForeignKey("accounts.Organization", models.CASCADE, related_name="webhook_endpoints")
    url = models.URLField(_("URL"), max_length=500)
    description = models.CharField(_("description"), max_length=120, blank=True)
    event_types = ArrayField(models.CharField(max_length=60), verbose_name=_("events"), default=list, blank=True)
    sealed_secret = models.TextField(editable=False)
    sealed_former_secret = models.TextField(blank=True, editable=False)
    former_secret_expires_at = models.DateTimeField(_("former secret signs until"), null=True, blank=True)
    status = models.CharField(_("status"), max_length=8, choices=Status.choices, default=Status.ACTIVE)
    disabled_at = models.DateTimeField(_("disabled"), null=True, blank=True)
    disabled_reason = models.CharField(_("why it is disabled"), max_length=8, choices=Reason.choices, blank=True)
    failing_since = models.DateTimeField(_("failing since"), null=True, blank=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("created by")
    )
    created_at = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")
        ordering = ["created_at", "id"]

    def __str__(self) -> str:
        return self.url


class WebhookDelivery(models.Model):
    """An event on its way to an endpoint. Whoever claims it moves ``due_at`` to the end of the lease, so that the
    delivery of a dead worker becomes due again.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("pending")
        DELIVERED = "delivered", _("delivered")
        FAILED = "failed", _("failed")

    event = models.ForeignKey(Event, models.CASCADE, related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, models.CASCADE, related_name="deliveries", db_index=False)
    organization = models.ForeignKey("accounts.Organization", models.CASCADE, related_name="+", db_index=False)
    status = models.CharField(_("status"), max_length=9, choices=Status.choices, default=Status.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due"))
    finished_at = models.DateTimeField(_("finished"), null=True, blank=True)
    response_status = models.PositiveSmallIntegerField(_("last response"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("created"))

    class Meta:
        verbose_name = _("webhook delivery")
        verbose_name_plural = _("webhook deliveries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["endpoint", "due_at"], name="delivery_due", condition=models.Q(status="pending")),
            models.Index(fields=["endpoint", "-id"], name="delivery_by_endpoint"),
            models.Index(fields=["organization", "-id"], name="delivery_by_organization"),
        ]
        constraints = [models.UniqueConstraint(fields=["event", "endpoint"], name="delivery_once")]

    def __str__(self) -> str:
        return f"{self.event} to {self.endpoint}"


class WebhookAttempt(models.Model):
    """One request of a delivery and its response. The request's body is not stored: it follows from the event."""

    delivery = models.ForeignKey(WebhookDelivery, models.CASCADE, related_name="log")
    occurred_at = models.DateTimeField(_("when"))
    url = models.URLField(_("URL"), max_length=500)
    response_status = models.PositiveSmallIntegerField(_("response"), null=True, blank=True)
    response_body = models.TextField(_("response body"), blank=True)
    error = models.CharField(_("error"), max_length=200, blank=True)
    milliseconds = models.PositiveIntegerField(_("milliseconds"))

    class Meta:
        verbose_name = _("webhook attempt")
        verbose_name_plural = _("webhook attempts")
        ordering = ["id"]
        indexes = [models.Index(fields=["occurred_at"], name="attempt_by_time")]

    def __str__(self) -> str:
        return f"{self.delivery} at {self.occurred_at}"
