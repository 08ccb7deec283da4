"""Storing uploaded pictures: all files or none, and only as many as an organization's quota allows."""

import datetime as dt
import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext as _

from accounts.models import Organization, StoredPicture
from moments.errors import RuleViolation
from moments.web.pictures import stored

logger = logging.getLogger(__name__)

MB = 1024 * 1024


@contextmanager
def storing(
    files: Mapping[str, bytes], *, organization: Organization | None, field: str, now: dt.datetime
) -> Iterator[StoredPicture]:
    """The files on disk, the largest first; then, in one transaction, their row and what the caller makes of it.

    Whatever is refused or fails within leaves no file and no row. Pictures of no organization have no quota.
    """
    size = sum(map(len, files.values()))
    if organization:
        refuse_beyond_quota(organization, size=size, field=field)
    try:
        with stored(files), transaction.atomic():
            if organization:
                lock_quota(organization)
                refuse_beyond_quota(organization, size=size, field=field)
            names = list(files)
            yield StoredPicture.objects.create(
                path=names[0], files=names, size=size, organization=organization, created_at=now
            )
    except OSError as error:
        logger.exception("A picture could not be stored")
        message = _("The picture could not be stored just now. Nothing was changed; try again in a while.")
        raise RuleViolation("not_stored", message, field=field) from error


def lock_quota(organization: Organization) -> None:
    """Uploads of one organization are counted one after the other."""
    Organization.objects.select_for_update(no_key=True).get(pk=organization.pk)


def refuse_beyond_quota(organization: Organization, *, size: int, field: str) -> None:
    kept = StoredPicture.objects.filter(organization=organization).aggregate(count=Count("pk"), size=Sum("size"))
    most, most_mb = settings.PICTURE_QUOTA["pictures"], settings.PICTURE_QUOTA["megabytes"]
    if kept["count"] < most and (kept["size"] or 0) + size <= most_mb * MB:
        return
    message = _(
        "This picture was not stored. Your organization uses %(count)d of %(most)d pictures and %(size)s of "
        "%(most_mb)d MB. Pictures that nothing shows are removed after %(days)d days."
    )
    values = {
        "count": kept["count"],
        "size": f"{(kept['size'] or 0) / MB:.1f}",
        "most": most,
        "most_mb": most_mb,
        "days": settings.KEEP_DAYS["unused_pictures"],
    }
    raise RuleViolation("picture_quota_reached", message % values, field=field)
