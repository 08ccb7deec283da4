"""Nothing is deleted in admin whose history would go with it."""

import pytest
from django.contrib import admin
from django.urls import reverse

from accounts.models import Organization
from catalog.models import Product
from tests import make

# Settings, and rows that hold nothing but themselves. What is in use is protected by its foreign keys.
MAY_BE_DELETED = {
    "accounts.IneligibleCountry",
    "auth.Group",
    "axes.AccessAttempt",
    "campaigns.ClaimLimits",
    "catalog.Category",
    "catalog.DeliveryCountry",
    "catalog.ExchangeRate",
    "catalog.TaxRate",
    "redemption.Membership",
}


@pytest.fixture
def superuser(client, db):
    user = make.user(is_staff=True, is_superuser=True)
    client.force_login(user)
    return user


def test_only_what_is_listed_can_be_deleted_in_admin(rf, superuser):
    request = rf.get("/admin/")
    request.user = superuser
    pages = admin.site._registry.items()

    deletable = {model._meta.label for model, page in pages if page.has_delete_permission(request)}
    in_bulk = {model._meta.label for model, page in pages if "delete_selected" in page.get_actions(request)}

    assert deletable == MAY_BE_DELETED
    assert in_bulk <= MAY_BE_DELETED


@pytest.mark.parametrize("model", [Organization, Product])
def test_a_forced_deletion_is_refused_and_nothing_is_gone(client, superuser, model):
    row = make.member().organization if model is Organization else make.product(2500)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    chosen = {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}

    answer = client.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"})
    client.post(reverse(f"{name}_changelist"), chosen)

    assert answer.status_code == 403
    assert model.objects.filter(pk=row.pk).exists()
