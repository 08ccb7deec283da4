"""Uploaded pictures as files: who uploaded them, what they take on disk, whether anything shows them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models.people import Organization


class StoredPicture(models.Model):
    """The files of one picture. Rows that show the picture hold ``path``, that of its largest file."""

    path = models.CharField(_("file"), max_length=200, unique=True)
    files = ArrayField(models.CharField(max_length=200), help_text=_("All of them, the largest included."))
    size = models.BigIntegerField(_("bytes"), help_text=_("Of all files."))
    organization = models.ForeignKey(
        Organization,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="stored_pictures",
        verbose_name=_("organization"),
    )
    created_at = models.DateTimeField(_("uploaded"), default=timezone.now, editable=False)
    unused_since = models.DateTimeField(
        _("unused since"), null=True, blank=True, help_text=_("Nothing has shown it since then.")
    )

    class Meta:
        verbose_name = _("stored picture")
        verbose_name_plural = _("stored pictures")
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.path
