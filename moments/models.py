"""Facts about the installation that uses the database."""

from typing import ClassVar

from django.db import models


class DemoMark(models.Model):
    """Set if only the demo has used this database. At most one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_demo_mark")]

    def __str__(self) -> str:
        return "demo"


class LiveMark(models.Model):
    """Set if a live installation has started with this database, so that the demo refuses it. At most one row."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    marked_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_live_mark")]

    def __str__(self) -> str:
        return "live"


class KeyFingerprint(models.Model):
    """A digest of a key that this installation has used, to detect a missing key at startup."""

    class Name(models.TextChoices):
        SECRET = "MOMENTS_SECRET_KEY"  # noqa: S105 - the name of a setting
        TOKEN = "MOMENTS_TOKEN_KEYS"  # noqa: S105

    name = models.CharField(max_length=30, choices=Name.choices)
    version = models.PositiveIntegerField(default=0, help_text="Of a token key; 0 of a secret key.")
    digest = models.CharField(max_length=64)
    first_used_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["first_used_at", "id"]
        constraints = [models.UniqueConstraint(fields=["name", "version", "digest"], name="one_key_fingerprint")]

    def __str__(self) -> str:
        version = f" version {self.version}" if self.version else ""
        return f"{self.name}{version} ({self.digest[:8]})"
