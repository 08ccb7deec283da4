"""What operators bring in by CSV."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CsvImport(models.Model):
    """A file that an operator uploaded. Its content is deleted when it is applied; the histories show what it did."""

    class Kind(models.TextChoices):
        STOCK = "stock", _("stock")
        PRICES = "prices", _("prices")
        TAXES = "taxes", _("tax rates")
        RATES = "rates", _("exchange rates")
        MEMBERSHIPS = "memberships", _("memberships")

    kind = models.CharField(_("kind"), max_length=12, choices=Kind.choices)
    file_name = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(max_length=64, editable=False)
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"))
    applied_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, related_name="+", verbose_name=_("applied by")
    )
    applied_at = models.DateTimeField(_("applied"), null=True)
    done = models.PositiveIntegerField(_("lines done"), default=0)
    done_before = models.PositiveIntegerField(_("done before"), default=0)

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-uploaded_at", "-id"]

    def __str__(self) -> str:
        return self.file_name
