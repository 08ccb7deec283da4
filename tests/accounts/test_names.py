"""Names: what is in them can be seen, whoever writes them and however."""

import pytest
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse

from accounts.models import App, Organization, User
from accounts.organizations.service import create_app
from campaigns.models import Campaign
from campaigns.setup.service import create_campaign
from catalog.models import Product
from moments.errors import RuleViolation
from moments.names import NameField, is_plain, plain
from redemption.addresses.address import Address
from redemption.models import SavedAddress
from redemption.session.abuse_signals import address_signal
from rewards.models import PointsProgram
from tests import make

BAD = [
    "\u202enozamA",
    "Ama\u2066zon",
    "Beep\x07",
    "two\nlines",
    "a\u2028b",
    "\u200b\u200b",
    "\u3164",
    " \ufeff ",
    "nul\x00",
]
GOOD = ["Łukasz i Żaneta", "नमस्ते\u200d", "می\u200cخواهم", "👩\u200d🚀 Games", "한국 게임", "O’Neill & Søn", "Ω"]


@pytest.mark.parametrize("name", BAD)
def test_what_is_hidden_in_a_name_is_refused(name):
    assert not is_plain(name)


@pytest.mark.parametrize("name", GOOD)
def test_every_script_and_emoji_may_be_a_name(name):
    assert is_plain(name) and plain(name) == name


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name in BAD if name.strip()])
@pytest.mark.parametrize("act", ["app", "campaign", "organization", "person", "product"])
def test_services_and_updates_refuse_it_and_write_nothing(member, now, name, act):
    app, product = make.app(member), make.product()
    acts = {
        "app": lambda: create_app(member, name=name, now=now),
        "campaign": lambda: create_campaign(member, app=app, name=name, now=now),
        "organization": lambda: Organization.objects.filter(pk=member.organization_id).update(name=name),
        "person": lambda: User.objects.filter(pk=member.user_id).update(name=name),
        "product": lambda: Product.objects.filter(pk=product.pk).update(title=name),
    }

    with pytest.raises(RuleViolation) as caught, transaction.atomic():
        acts[act]()

    assert caught.value.code == "not_plain"
    assert (App.objects.count(), Campaign.objects.count()) == (1, 0)


@pytest.mark.parametrize("name", ["\u202enozamA", "two\nlines", "\u200b"])
def test_forms_refuse_it_in_words(console, client, member, name):
    make.app(member)
    for page in ("console:developers:new_app", "console:campaigns:new"):
        answer = console.post(reverse(page), {"name": name})
        assert answer.status_code == 200 and "Use characters that can be seen" in answer.text, page
    assert not App.objects.filter(name__contains="nozamA").exists()
    signed_up = client.post("/accounts/signup/", {"name": name, "email": "kim@example.com", "password1": make.PASSWORD})
    assert not User.objects.filter(email="kim@example.com").exists() or "Use characters" in signed_up.text


def test_every_column_for_a_name_refuses_it():
    """Of every model of ours; whoever adds one finds this test."""
    from django.apps import apps

    names = {"name", "title", "recipient"}
    found = [
        field
        for config in apps.get_app_configs()
        if config.name in {"accounts", "catalog", "campaigns", "rewards", "redemption"}
        for model in config.get_models()
        for field in model._meta.local_fields
        if field.name in names and isinstance(field, models.CharField)
    ]
    assert {PointsProgram, SavedAddress, App} <= {field.model for field in found}
    for field in found:
        assert isinstance(field, NameField), field
        with pytest.raises(ValidationError):
            field.run_validators("\u202ex")


def test_a_street_may_have_lines_and_nothing_hidden():
    field = SavedAddress._meta.get_field("street")
    field.run_validators("1 Main Street\r\nApartment 2")
    with pytest.raises(ValidationError):
        field.run_validators("1 Main\u202e Street")


def test_what_a_provider_calls_somebody_is_made_plain():
    assert plain("\u202eKim\x07\n Larsen ") == "Kim Larsen"
    assert plain("\u200b\u200b") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Caf\u00e9 1", "97205", "US"), ("Cafe\u0301 1", "97205", "US")),
        (("１ Ｍａｉｎ Ｓｔ．", "97205", "US"), ("1 main st", "97205", "US")),
        (("1 Main St", "97205-1234", "US"), ("1 Main St", "97205", "US")),
        (("Straße 1", "10115", "DE"), ("STRASSE 1", "10115", "DE")),
        (("丸の内１－１", "１００－０００５", "JP"), ("丸の内1-1", "100-0005", "JP")),
    ],
)
def test_an_address_has_one_mark_however_it_is_spelled(one, other):
    def mark(street: str, code: str, country: str) -> str:
        return address_signal(Address("Kim", street, "City", "", code, country))

    assert mark(*one) == mark(*other) != mark("2 Other Road", one[1], one[2])
