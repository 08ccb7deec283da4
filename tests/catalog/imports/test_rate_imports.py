"""Exchange rates come in by CSV, with their day; old ones are an alarm."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.budget.currencies import currencies_in_use, old_rates_in_use, warn_of_old_rates
from catalog.imports import service as imports
from catalog.models import CsvImport, ExchangeRate
from catalog.pricing import exchange_rates
from moments.registry import csv_schemas
from moments.web.csv_in import read_lines
from operations.alarms import alarms, notify_operators_of_alarms
from outbox.models import Mail
from tests import make
from tests.catalog.imports.test_imports import apply, keep, problems

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def today(now):
    return now.date()


@pytest.fixture
def recent(today):
    """Rates of yesterday for the yen and the euro."""
    for currency, usd in (("JPY", "0.0066"), ("EUR", "1.08")):
        ExchangeRate.objects.create(currency=currency, usd=usd, valid_from=today - DAY)


def yen_campaign():
    return make.campaign(products=[make.product(3000, store="JP")], store="JP", cpa_cents=5000)


def planned(text: str, now):
    return [each.step for each in imports.plan_import(keep("rates", text, now), now=now)]


def test_rates_are_taken_with_their_day_and_once(recent, today, now):
    text = f"Currency;Date;Rate\njpy;{today};0.006712\nEUR;{today};1.0921\n"

    first, again = apply("rates", text, now), apply("rates", text, now)

    assert ((first.done, first.done_before), (again.done, again.done_before)) == ((2, 0), (0, 2))
    assert exchange_rates.usd_rate("JPY", now=now) == Decimal("0.006712")
    assert exchange_rates.usd_rate("JPY", now=now - DAY) == Decimal("0.0066")
    assert ExchangeRate.objects.filter(currency="JPY", valid_from=today).count() == 1


def test_checking_a_file_of_rates_changes_nothing(recent, today, now):
    before = list(ExchangeRate.objects.values_list("pk", "usd"))

    (step,) = planned(f"currency,date,rate\nEUR,{today},1.09\n", now)

    assert step.summary == f"1 EUR = 1.09 USD from {today} on"
    assert list(ExchangeRate.objects.values_list("pk", "usd")) == before


def test_another_rate_of_the_same_day_replaces_it_and_says_so(recent, today, now):
    apply("rates", f"currency,date,rate\nEUR,{today},1.09\n", now)

    (step,) = planned(f"currency,date,rate\nEUR,{today},1.1\n", now)
    apply("rates", f"currency,date,rate\nEUR,{today},1.1\n", now)

    assert step.summary == f"1 EUR = 1.1 USD from {today} on instead of 1.09"
    assert exchange_rates.usd_rate("EUR", now=now) == Decimal("1.1")


def test_every_bad_line_of_rates_is_named_and_nothing_changes(recent, today, now):
    bad = ["", "0", "-1", "1e-2", "1_0", "x", "NaN", "Infinity", "1,09", "1.123456789", "²", "0.00000000"]
    lines = [f"EUR;{today};{rate}" for rate in bad]
    lines += [f"USD;{today};1", f"QQQ;{today};1", f";{today};1", f"EUR;{today + DAY};1.09", "EUR;30.11.2026;1.09"]
    lines += [f"JPY;{today};150.2", f"JPY;{today - DAY};0.00000001"]
    lines += [f"EUR;{today - 2 * DAY};1.09", f"EUR;{today - 2 * DAY};1.10"]

    found = problems("rates", "currency;date;rate\n" + "\n".join(lines), now)

    columns = ["rate"] * len(bad) + ["currency"] * 3 + ["date"] * 2 + ["rate"] * 2 + ["date"]
    assert [column for _line, column, _given in found] == columns
    assert not ExchangeRate.objects.filter(valid_from=today).exists()


@pytest.mark.parametrize(("rate", "is_unusual"), [("1.29", False), ("1.30", True), ("0.87", False), ("0.86", True)])
def test_a_change_of_more_than_a_fifth_is_pointed_out_and_can_be_applied(recent, today, now, rate, is_unusual):
    text = f"currency,date,rate\nEUR,{today},{rate}\n"

    (step,) = planned(text, now)
    apply("rates", text, now)

    assert bool(step.warning) == is_unusual
    assert exchange_rates.usd_rate("EUR", now=now) == Decimal(rate)


def test_an_operator_sees_what_is_unusual_before_it_is_applied(client, recent, today):
    client.force_login(make.operator())
    upload = SimpleUploadedFile("rates.csv", f"currency,date,rate\nEUR,{today},2\nJPY,{today},0.0066\n".encode())

    page = client.post(reverse("admin:catalog_csvimport_new", args=["rates"]), {"file": upload}, follow=True)

    assert "1 line is unusual. Look at it before you apply the file." in page.text
    assert "+85 % against 1.08 of" in page.text
    client.post(reverse("admin:catalog_csvimport_check", args=[CsvImport.objects.get().pk]))
    assert ExchangeRate.objects.filter(valid_from=today).count() == 2


@pytest.mark.parametrize("kind", sorted(csv_schemas))
def test_every_kind_of_import_has_a_sample_file_that_its_reader_reads(client, kind):
    client.force_login(make.operator())
    sheet = imports.sheet_class(kind)

    answer = client.get(reverse("admin:catalog_csvimport_sample", args=[kind]))

    lines = read_lines(answer.getvalue(), sheet.columns, required=sheet.required)
    assert [list(line.values.values()) for line in lines] == sheet.sample
    assert not any(line.problems for line in lines)
    assert "sample.csv" in client.get(reverse("admin:catalog_csvimport_new", args=[kind])).text


def test_the_sample_file_of_rates_is_right(now):
    text = "currency,date,rate\n" + "\n".join(
        ",".join([currency, str(now.date()), rate]) for currency, _day, rate in imports.sheet_class("rates").sample
    )
    assert problems("rates", text, now) == []


# Their age


def codes(now) -> set[str]:
    return {alarm.code for alarm in alarms(now=now)} & {"rates_old"}


def test_rates_of_currencies_in_use_older_than_35_days_are_an_alarm(now):
    make.campaign()
    assert (currencies_in_use(), codes(now)) == ([], set())

    yen_campaign()
    assert (currencies_in_use(), codes(now)) == (["JPY"], {"rates_old"})

    rate = ExchangeRate.objects.create(currency="JPY", usd="0.0066", valid_from=now.date() - 35 * DAY)
    assert codes(now) == set()
    assert old_rates_in_use(now=now + DAY) == {"JPY": rate.valid_from}


def test_operators_are_mailed_of_old_rates_and_monitors_see_them(client, settings, now):
    settings.MONITOR_TOKEN = "t" * 32
    yen_campaign()

    notify_operators_of_alarms(now=now)
    notify_operators_of_alarms(now=now)

    assert (
        Mail.objects.filter(subject__contains="Exchange rates are older", to_email=settings.OPERATOR_EMAIL).count() == 1
    )
    answer = client.get("/statusz", headers={"authorization": f"Bearer {settings.MONITOR_TOKEN}"})
    assert "rates_old" in answer.json()["alarms"]
    assert "rates_old" not in client.get("/statusz").json()["alarms"]


def test_the_check_before_a_deployment_warns_of_old_rates(now):
    assert warn_of_old_rates(None) == []
    yen_campaign()

    (warning,) = warn_of_old_rates(None)

    assert "JPY (2020-01-01)" in warning.msg
    ExchangeRate.objects.create(currency="JPY", usd="0.0066", valid_from=now.date())
    assert warn_of_old_rates(None) == []


def test_the_rates_of_the_demo_are_of_the_day_it_is_loaded(now):
    exchange_rates.date_rates_now(now=now)
    exchange_rates.date_rates_now(now=now)

    fresh = ExchangeRate.objects.filter(valid_from=now.date())
    assert sorted(fresh.values_list("currency", flat=True)) == exchange_rates.foreign_currencies()
    assert all(rate.usd == exchange_rates.usd_rate(rate.currency, now=now - DAY) for rate in fresh)
    assert exchange_rates.old_rates(exchange_rates.foreign_currencies(), now=now) == {}
