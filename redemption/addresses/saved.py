"""Saved addresses of customers, at most ten each."""

import datetime as dt
from dataclasses import fields

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user
from catalog.models import Marketplace
from redemption.addresses.address import Address
from redemption.models import SavedAddress

MOST = 10
PARTS = [field.name for field in fields(Address)]


def save_address(customer: User, address: Address, *, now: dt.datetime) -> SavedAddress:
    """Save ``address`` or update when it was last used. Beyond ten, the least recently used address is deleted."""
    with transaction.atomic():
        lock_active_user(customer)
        mine = SavedAddress.objects.filter(customer=customer)
        known = mine.filter(**address.as_fields()).first()
        if known is None:
            known = SavedAddress(customer=customer, **address.as_fields())
        known.last_used_at = now
        known.save()
        mine.exclude(pk__in=list(mine.values_list("pk", flat=True)[:MOST])).delete()
    return known


def change_address(saved: SavedAddress, address: Address) -> None:
    """Update a saved address. Existing orders keep their own copy."""
    SavedAddress.objects.filter(pk=saved.pk).update(**address.as_fields())


def forget_address(customer: User, pk: int) -> bool:
    """Delete a saved address of the customer. Returns False if there is no such address."""
    return bool(SavedAddress.objects.filter(customer=customer, pk=pk).delete()[0])


def deliverable(customer: User, marketplace: Marketplace) -> QuerySet[SavedAddress]:
    """Return the customer's saved addresses that ``marketplace`` delivers to, most recently used first."""
    served = marketplace.countries.filter(is_served=True).values("code")
    return SavedAddress.objects.filter(customer=customer, country__in=served)
