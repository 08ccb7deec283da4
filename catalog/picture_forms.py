"""What forms with a product's picture share."""

from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.organizations.stored_pictures import refuse_beyond_quota
from catalog import pictures
from moments import clock
from moments.errors import RuleViolation
from moments.web.forms import UnstaleForm
from moments.web.pictures import is_transparent


class UploadedPicture(UnstaleForm):
    """Its picture is judged with the form and stored when all of it is right."""

    picture_field = ""
    was_transparent = False

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        upload = found.get(self.picture_field)
        if isinstance(upload, UploadedFile):
            try:
                upload.seek(0)
                self.read = pictures.read_product_picture(upload.read(pictures.MAX_BYTES + 1))
                self.was_transparent = is_transparent(self.read[0])
                if organization := self.organization():
                    refuse_beyond_quota(organization, size=upload.size or 0, field=self.picture_field)
            except RuleViolation as refusal:
                self.add_error(self.picture_field, refusal.message)
        return found

    def organization(self) -> Organization | None:
        """Whose own product it shows."""
        return self.cleaned_data.get("own_of")

    def store_picture(self, row: Any) -> None:
        """Under a name of our own, before the row is saved."""
        if hasattr(self, "read"):
            name = pictures.save_product_picture(*self.read, organization=self.organization(), now=clock.now())
            setattr(row, self.picture_field, name)

    def tell_if_transparent(self, request: HttpRequest) -> None:
        if self.was_transparent:
            messages.info(request, _("The picture had transparent parts; they are white now."))
