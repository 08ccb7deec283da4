"""Amounts: one reading of what people type, in every field and file; nothing ambiguous is taken."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.management import CommandError, call_command
from django.urls import reverse

from campaigns.models import Campaign
from catalog.imports import service as imports
from catalog.models import Marketplace, TaxRate
from moments import money
from moments.errors import RuleViolation
from moments.web.forms import MoneyField, NumberField, WholeNumberField
from tests import make

TAKEN = [
    ("27.50", "USD", 2750),
    ("27.5", "USD", 2750),
    ("27", "USD", 2700),
    (" 27.50 ", "USD", 2750),
    ("$27.50", "USD", 2750),
    ("1,250", "USD", 125_000),
    ("1,250.50", "USD", 125_050),
    ("12,345,678.90", "USD", 1_234_567_890),
    ("0.07", "USD", 7),
    ("€9.99", "EUR", 999),
    ("£9.99", "GBP", 999),
    ("1200", "JPY", 1200),
    ("1,200", "JPY", 1200),
    ("¥1,200", "JPY", 1200),
    ("1.250", "KWD", 1250),
]
REFUSED = [
    *(
        (text, "USD")
        for text in ("50.000", "5.000", "27.500", "1.250.000", "1.250,00", "27,50", "27,5", "0,250", "50,000.000")
    ),
    *(
        (text, "USD")
        for text in ("1,25", "1,2500", "12,34,567", ",5", "5,", ".5", "5.", "1 250", "1\N{NO-BREAK SPACE}250", "1'250")
    ),
    *(
        (text, "USD")
        for text in ("+5", "-5", "1e5", "1E2", "NaN", "Infinity", "0x10", "1_000", "$", "€5", "US$5", "5 USD", "abc")
    ),
    *((text, "USD") for text in ("\uff15\uff10", "\uff15\uff0e\uff10\uff10", "٥٠", "५०", "5²", "½", "12345678901")),
    *((text, "JPY") for text in ("50.0", "1.200", "27.50", "$5")),
    *((text, "EUR") for text in ("$50", "19,99", "1.999")),
]
NUMBERS = ["5.000", "5.0", "1_000", "1e3", "+5", "\uff15\uff10", "٥٠", "NaN", "Infinity", "1,000", "5²", "0x10", "five"]


@pytest.mark.parametrize(("text", "currency", "cents"), TAKEN)
def test_an_amount_is_taken_as_it_reads(text, currency, cents):
    assert money.parse(text, currency) == cents
    assert MoneyField(currency=currency).clean(text) == cents


@pytest.mark.parametrize(("text", "currency"), REFUSED)
def test_an_ambiguous_amount_is_refused_and_quoted(text, currency):
    with pytest.raises(RuleViolation, match=re.escape(f"“{text}” is not an amount of {currency}")):
        money.parse(text, currency)
    with pytest.raises(forms.ValidationError) as refused:
        MoneyField(currency=currency).clean(text)
    assert f"“{text}” is not an amount of {currency}" in refused.value.messages[0]


def test_an_amount_is_read_back_as_it_is_written():
    for currency in ("USD", "EUR", "JPY", "KWD"):
        for cents in (1, 10, 999, 2750, 1_234_567):
            assert money.parse(money.as_text(cents, currency), currency) == cents
            assert money.parse(money.display(cents, currency, "en_US"), currency) == cents or currency == "KWD"


@pytest.mark.parametrize("text", NUMBERS)
def test_a_number_is_taken_in_plain_digits_only(text):
    with pytest.raises(forms.ValidationError, match=re.escape(f"“{text}” is not a whole number")):
        WholeNumberField().clean(text)
    if text not in {"5.000", "5.0"}:
        with pytest.raises(forms.ValidationError, match=re.escape(f"“{text}” is not a number")):
            NumberField().clean(text)


def test_plain_digits_are_taken():
    assert [WholeNumberField().clean(text) for text in ("0", " 5 ", "1250", 7)] == [0, 5, 1250, 7]
    assert [str(NumberField().clean(text)) for text in ("0.0825", "5", " 1.50 ")] == ["0.0825", "5", "1.50"]


def test_no_form_uses_a_number_field_that_takes_other_digits():
    for path in Path(settings.BASE_DIR).glob("[a-z]*/**/*.py"):
        if path.parts[len(Path(settings.BASE_DIR).parts)] not in {"tests", "moments"}:
            assert not re.search(r"forms\.(Integer|Decimal|Float)Field\(", path.read_text()), path


@pytest.mark.slow
def test_an_ambiguous_number_changes_nothing_on_the_budget_page(client, db):
    owner = make.member()
    campaign = make.campaign("draft", of=owner)
    client.force_login(owner.user)
    cost = f"cpa_{campaign.moments.get().pk}_{campaign.groups.get().pk}"
    good = {cost: "27.50", "total_budget_cents": "50000", "monthly_limit_cents": "5000"}
    page = reverse("console:campaigns:budget", args=[campaign.pk])

    for name in good:
        for text in ("50.000", "27,50", "５０"):
            answer = client.post(page, {**good, name: text})
            assert f"“{text}” is not an amount of USD" in answer.text, (name, text)

    kept = Campaign.objects.get(pk=campaign.pk)
    assert (kept.total_budget_cents, kept.monthly_limit_cents) == (5_000_000, 500_000)
    assert kept.moments.get().costs.get().cpa_cents == 2750


@pytest.mark.parametrize("text", [text for text, currency in REFUSED if currency == "USD"])
def test_an_ambiguous_price_in_a_file_is_refused_and_quoted(text, db, now):
    product = make.product(2500)
    content = f'sku;price\n{product.sku};"{text}"\n'.encode()
    kept = imports.keep_import("prices", content=content, file_name="a.csv", by=make.operator(), now=now)

    [found] = imports.plan_import(kept, now=now)

    assert found.step is None and [problem[:2] for problem in found.line.problems] == [("price", text)]


@pytest.mark.parametrize("text", ["٠.٠٥", "0_1.0", "+0.05", "1e-2", "0,05", "5,5%", "\uff15%", "8.250000%"])
def test_an_ambiguous_tax_rate_in_a_file_is_refused_and_quoted(text, db, now):
    content = f'marketplace;rate;from\nUS;"{text}";2030-01-01\n'.encode()
    kept = imports.keep_import("taxes", content=content, file_name="a.csv", by=make.operator(), now=now)

    [found] = imports.plan_import(kept, now=now)

    assert found.step is None and [problem[:2] for problem in found.line.problems] == [("rate", text)]


@pytest.mark.slow
@pytest.mark.parametrize(
    "option", ["--cpa=27.500", "--monthly-limit=5.000", "--total-budget=50,00", "--stock=1_0", "--products=\uff11"]
)
def test_a_command_refuses_an_ambiguous_amount(option, db):
    with pytest.raises(CommandError, match=option.partition("=")[2]):
        call_command("make_campaign", option)

    assert not Campaign.objects.exists()


# Operators' forms


@pytest.fixture
def operator(client, db):
    client.force_login(make.operator())
    return client


def form_of(operator, page: str) -> dict:
    form = operator.get(page).context["adminform"].form
    found = {name: form[name].value() for name in form.fields}
    rows = {f"{name}-{kind}_FORMS": 0 for name in INLINES for kind in ("TOTAL", "INITIAL")}
    return {name: value for name, value in found.items() if value not in (None, False, "")} | rows


INLINES = ("sizes", "equals", "pictures", "price_changes", "stock_moves", "tax_rates")


def test_a_price_is_asked_for_and_kept_in_the_currency_of_its_marketplace(operator):
    for store, shown, typed, cents in (("US", "25.00", "19.50", 1950), ("JP", "2500", "1950", 1950)):
        product = make.product(2500, store=store)
        page = reverse("admin:catalog_product_change", args=[product.pk])
        fields = form_of(operator, page)
        assert (fields["price_cents"], fields["list_price_cents"]) == (shown, shown)

        answer = operator.post(page, {**fields, "price_cents": typed, "list_price_cents": typed})

        assert answer.status_code == 302, answer.context["errors"]
        product.refresh_from_db()
        assert (product.price_cents, product.list_price_cents) == (cents, cents)
        assert product.price_changes.first().price_cents == cents


@pytest.mark.slow
def test_an_operators_form_refuses_an_ambiguous_price(operator):
    product = make.product(2500, store="JP")
    page = reverse("admin:catalog_product_change", args=[product.pk])
    fields = form_of(operator, page)

    for text in ("19.50", "1.950", "-5", "０"):
        answer = operator.post(page, {**fields, "price_cents": text})
        assert f"“{text}” is not an amount of JPY" in answer.text

    product.refresh_from_db()
    assert product.price_cents == 2500 and product.price_changes.count() == 1


def test_shipping_is_asked_for_in_the_currency_of_the_store(operator):
    page = reverse("admin:catalog_marketplace_change", args=["US"])
    fields = form_of(operator, page) | {"countries": ["US"]}

    answer = operator.post(page, {**fields, "free_shipping_from_cents": "35", "flat_shipping_cents": "5.99"})

    assert answer.status_code == 302, answer.context["errors"]
    store = Marketplace.objects.get(pk="US")
    assert (store.free_shipping_from_cents, store.flat_shipping_cents) == (3500, 599)
    refused = operator.post(page, {**fields, "currency": "dollars"[:3]})
    assert "“DOL” is not the code of a currency" in refused.text
    assert Marketplace.objects.get(pk="US").currency == "USD"


def test_an_operators_form_takes_numbers_in_plain_digits_only(operator):
    page = reverse("admin:catalog_taxrate_add")
    fields = {"marketplace": "US", "country": "CA", "region": "", "valid_from": "2030-01-01"}

    for text in ("\uff10.05", "5e-2", "0_0.05", "NaN"):
        assert f"“{text}” is not a number" in operator.post(page, {**fields, "rate": text}).text

    assert not TaxRate.objects.filter(valid_from="2030-01-01").exists()
