"""Removes uploaded pictures that nothing has shown for a while: rows, files, and files that have no row."""

import datetime as dt
from collections.abc import Iterator

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import models, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import App, StoredPicture, SupportMessage
from campaigns.models import Banner, Campaign
from catalog.models import Product, ProductPicture
from moments.web.pictures import delete_files

# Every column that names a picture, and the way from there to the organization that it counts for.
USES: list[tuple[type[models.Model], str, str]] = [
    (Banner, "image", "organization"),
    (Product, "picture", "own_of"),
    (ProductPicture, "image", "product__own_of"),
    (SupportMessage, "picture", "request__organization"),
    (App, "logo", "organization"),
]


def sweep_pictures(*, now: dt.datetime) -> int:
    """How many pictures and stray files were removed.

    A picture is first marked as unused. It is removed once it has been unused for ``KEEP_DAYS["unused_pictures"]``.
    """
    record_unrecorded(now=now)
    mark_unused(now=now)
    unused = StoredPicture.objects.filter(unused_since__lte=waits_since("", now=now)).values_list("pk", "path")
    removed = sum(remove_unused(pk, before=waits_since(path, now=now)) for pk, path in list(unused))
    return removed + remove_stray_files(before=waits_since("", now=now))


def waits_since(path: str, *, now: dt.datetime) -> dt.datetime:
    """What has been unused since then may go. Emails about orders show pictures of products, so those stay longer."""
    days = settings.KEEP_DAYS["unused_pictures"]
    if path.startswith("products/"):
        days = max(days, settings.KEEP_DAYS["mails"])
    return now - dt.timedelta(days=days)


def uses_of(model: type[models.Model], column: str) -> QuerySet:
    """Rows whose picture is shown. A banner is if a campaign has it, or if it was approved: emails may show it."""
    rows = model._default_manager.exclude(**{column: ""})
    if model is Banner:
        rows = rows.filter(Q(approved_at__isnull=False) | Exists(Campaign.objects.filter(banner=OuterRef("pk"))))
    return rows


def is_used(name: str) -> bool:
    return any(uses_of(model, column).filter(**{column: name}).exists() for model, column, _organization in USES)


def record_unrecorded(*, now: dt.datetime) -> None:
    """Pictures that came here in another way than by an upload, as the demo's did, count from now on too."""
    for model, column, organization in USES:
        recorded = StoredPicture.objects.filter(path=OuterRef(column))
        rows = model._default_manager.exclude(Exists(recorded)).exclude(**{column: ""})
        for name, owner in dict(rows.values_list(column, organization)).items():
            files = files_beside(name)
            sizes = [default_storage.size(file) for file in files]
            StoredPicture.objects.get_or_create(
                path=name,
                defaults={"files": files, "size": sum(sizes), "organization_id": owner, "created_at": now},
            )


def files_beside(name: str) -> list[str]:
    """The files of a picture that has a folder of its own."""
    folder = name.rpartition("/")[0]
    if "/" not in folder:
        return [name] if default_storage.exists(name) else []
    return sorted(files_below(folder))


def mark_unused(*, now: dt.datetime) -> None:
    used: set[str] = set()
    for model, column, _organization in USES:
        used.update(uses_of(model, column).values_list(column, flat=True))
    pictures = StoredPicture.objects.values_list("pk", "path", "unused_since")
    found = [(pk, name in used, since) for pk, name, since in pictures.iterator()]
    rows = StoredPicture.objects
    rows.filter(pk__in=[pk for pk, is_shown, since in found if is_shown and since]).update(unused_since=None)
    rows.filter(pk__in=[pk for pk, is_shown, since in found if not is_shown and not since]).update(unused_since=now)


def remove_unused(pk: int, *, before: dt.datetime) -> bool:
    """Locks the picture, which somebody may be choosing right now, and checks again before removing it."""
    with transaction.atomic():
        picture = StoredPicture.objects.select_for_update().filter(pk=pk, unused_since__lte=before).first()
        if picture is None:
            return False
        banners = Banner.objects.filter(image=picture.path)
        list(banners.select_for_update().order_by("pk"))
        if is_used(picture.path):
            StoredPicture.objects.filter(pk=pk).update(unused_since=None)
            return False
        banners.delete()
        picture.delete()
        transaction.on_commit(lambda: delete_files(picture.files), robust=True)
    return True


def remove_stray_files(*, before: dt.datetime) -> int:
    """Files that no row names: left by a process that was killed, or by a transaction that was undone."""
    folders = {str(getattr(model._meta.get_field(column), "upload_to", "")).strip("/") for model, column, _way in USES}
    old = [name for folder in sorted(folders) for name in files_below(folder) if is_older(name, before)]
    recorded: set[str] = set()
    for names in StoredPicture.objects.values_list("files", flat=True).iterator():
        recorded.update(names)
    stray = [name for name in old if name not in recorded]
    delete_files(stray)
    return len(stray)


def files_below(folder: str) -> Iterator[str]:
    try:
        folders, files = default_storage.listdir(folder)
    except FileNotFoundError:
        return
    yield from (f"{folder}/{name}" for name in files)
    for name in folders:
        yield from files_below(f"{folder}/{name}")


def is_older(name: str, before: dt.datetime) -> bool:
    try:
        return default_storage.get_modified_time(name) < before
    except FileNotFoundError:
        return False
