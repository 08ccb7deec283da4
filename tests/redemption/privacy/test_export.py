"""A customer's data, downloaded whole; and the list of all that points at a person."""

import datetime as dt

from django.apps import apps
from django.db import models

from accounts.models import User
from redemption.privacy import export, registry
from rewards.models import Reward
from tests import make


def people_columns():
    """Every column of ours and of our libraries that points at a user, but for rights."""
    for model in apps.get_models():
        for field in model._meta.get_fields():
            if field.is_relation and not field.auto_created and field.related_model is User:
                yield f"{model._meta.label}.{field.name}"


def address_columns():
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.EmailField):
                yield f"{model._meta.label}.{field.name}"


def test_every_column_that_points_at_a_person_is_listed_with_what_becomes_of_it():
    assert set(people_columns()) == set(registry.PEOPLE)
    assert set(address_columns()) == set(registry.ADDRESSES)


def test_what_is_listed_is_in_the_download_or_has_a_reason_why_not():
    for name, kept in {**registry.PEOPLE, **registry.ADDRESSES}.items():
        assert (kept.section in export.SECTIONS) if kept.section else kept.why, name


def test_the_download_has_something_in_every_section(life, kim):
    found = export.collect(kim)

    assert [name for name, entries in found.items() if not entries] == []
    order = found["orders"][0]
    assert (order["street"], order["item"], order["number"]) == ("42 Betelgeuse Road", "25.00 USD", life.number)
    assert dt.datetime.fromisoformat(order["placed"]).utcoffset() is not None
    assert found["payments"][0]["amount"] == "4.50 USD"
    assert "Zaphod" not in str(found["staff_accesses"])


def test_the_download_holds_no_secret_and_nobody_else(life, kim, customer, now):
    make.order(make.reward(life.reward.campaign), by=customer)
    text = str(export.collect(kim))

    digests = [reward.token_digest for reward in Reward.objects.all()]
    assert not [secret for secret in [*digests, kim.password, customer.email, "Harbor"] if secret in text]
