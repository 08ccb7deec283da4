"""What operators upload: looked at line by line, applied as a whole, once."""

import datetime as dt

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from catalog import stock
from catalog.imports import service as imports
from catalog.models import CsvImport, Marketplace, PriceChange, StockMove, TaxRate
from catalog.pricing import prices
from catalog.pricing.tax import destination_rate
from moments.errors import RuleViolation
from redemption.choosing.quotes import is_member
from redemption.models import Membership
from tests import make

BAD_RATES = ["", "x", "NaN", "Infinity", "-1%", "100%", "1", "0.0000001", "1e400", "9e999999999999999999"]


def keep(kind: str, text: str, now) -> CsvImport:
    return imports.keep_import(kind, content=text.encode(), file_name="a.csv", by=make.operator(), now=now)


def apply(kind: str, text: str, now) -> CsvImport:
    kept = keep(kind, text, now)
    imports.apply_import(kept, by=kept.uploaded_by, now=now)
    return kept


def problems(kind: str, text: str, now) -> list[tuple[int, str, str]]:
    """(line, column, given) of each; and nothing can be applied."""
    kept = keep(kind, text, now)
    found = [
        (each.line.number, column, given)
        for each in imports.plan_import(kept, now=now)
        for column, given, _allowed in each.line.problems
    ]
    if found:
        with pytest.raises(RuleViolation, match="Some lines are wrong"):
            imports.apply_import(kept, by=kept.uploaded_by, now=now)
        assert CsvImport.objects.get(pk=kept.pk).applied_at is None
    return found


@pytest.fixture
def product(db):
    return make.product(stock_units=10)


# Stock


def test_stock_is_delivered_and_counted_once_by_reference(product, now):
    other = make.product(stock_units=7)
    text = f"SKU;Units;What;Reference\n{product.sku};5;delivered;DN-1\n{other.sku};4;counted;C-1\n"

    first = apply("stock", text, now)
    stock.take_unit(other, reference="order", now=now)
    again = apply("stock", text, now)

    product.refresh_from_db()
    other.refresh_from_db()
    assert (product.stock, other.stock) == (15, 3)
    assert ((first.done, first.done_before), (again.done, again.done_before)) == ((2, 0), (0, 2))
    assert list(product.stock_moves.values_list("units", "reason", "reference"))[0] == (5, "delivery", "DN-1")


def test_a_count_that_found_nothing_missing_counts_once_too(product, now):
    text = f"sku,units,what,reference\n{product.sku},10,counted,C-1\n"
    apply("stock", text, now)
    stock.take_unit(product, reference="order", now=now)

    apply("stock", text, now)

    product.refresh_from_db()
    assert product.stock == 9
    assert StockMove.objects.get(reference="C-1").units == 0


def test_sizes_are_counted_each_for_itself(product, now):
    small, large = (stock.add_size(product, label, now=now) for label in ("S", "L"))

    apply("stock", f"sku,size,units,reference\n{product.sku},s,3,DN-1\n{product.sku},L,4,DN-1\n", now)

    for row in (product, small, large):
        row.refresh_from_db()
    assert (product.stock, small.stock, large.stock) == (7, 3, 4)


def test_a_size_that_is_typed_otherwise_is_not_delivered_again(product, now):
    small = stock.add_size(product, "S", now=now)

    for typed in ("S", "s"):
        apply("stock", f"sku,size,units,reference\n{product.sku},{typed},3,DN-1\n", now)

    small.refresh_from_db()
    assert small.stock == 3


def test_every_bad_line_of_stock_is_named_and_nothing_changes(product, now):
    sized, made = make.product(stock_units=0), make.product(stock_units=0, kind="made_to_order")
    stock.add_size(sized, "L", now=now)
    lines = [
        f"{product.sku},,5,delivered,DN-1",
        "nothing,,5,,DN-1",
        f"{product.sku},,-5,,DN-2",
        f"{product.sku},,0,,DN-3",
        f"{product.sku},,1.5,,DN-4",
        f"{product.sku},,1000001,,DN-5",
        f"{product.sku},,²,,DN-5",
        f"{product.sku},,5,stolen,DN-6",
        f"{product.sku},,5,,",
        f"{product.sku},,5,,{'x' * 40}",
        f"{product.sku},XL,5,,DN-7",
        f"{sized.sku},,5,,DN-8",
        f"{made.sku},,5,,DN-9",
        f"{product.sku},,6,delivered,DN-1",
        f"{product.sku},,6",
    ]

    found = problems("stock", "sku,size,units,what,reference\n" + "\n".join(lines), now)

    assert [(number, column) for number, column, _given in found] == [
        (3, "sku"),
        *((number, "units") for number in range(4, 9)),
        (9, "what"),
        (10, "reference"),
        (11, "reference"),
        (12, "size"),
        (13, "size"),
        (14, "sku"),
        (15, "sku"),
        (16, "whole line"),
    ]
    product.refresh_from_db()
    assert product.stock == 10


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("", "empty"),
        ("sku,units\na,1\n", "does not name the column reference"),
        ("sku,units,reference\n", "no line below"),
        ("sku,units,reference,color\n", "color"),
        ("sku,units,reference\na,1,\x00\n", "NUL"),
        ("sku,units,reference\n" + "a,1,b\n" * 1001, "more than 1000"),
    ],
)
def test_what_is_no_such_file_is_refused_and_not_kept(db, now, text, shown):
    with pytest.raises(RuleViolation, match=shown):
        keep("stock", text, now)

    assert not CsvImport.objects.exists()


# Prices


def test_a_price_takes_effect_now_or_on_its_day_and_all_stay_in_the_history(product, now):
    day = now.date() + dt.timedelta(days=3)
    then = dt.datetime.combine(day, dt.time(), dt.UTC)

    apply("prices", f"sku,price,from\n{product.sku},26.00,\n", now)
    apply("prices", f"sku,price,from\n{product.sku},30.00,{day}\n", now)

    product.refresh_from_db()
    assert product.price_cents == 2600
    assert prices.take_up_prices(now=then - dt.timedelta(seconds=1)) == 0
    assert prices.take_up_prices(now=then) == 1
    assert prices.take_up_prices(now=then) == 0
    product.refresh_from_db()
    assert product.price_cents == 3000
    assert list(product.price_changes.values_list("price_cents", flat=True)) == [3000, 2600, 2500]


def test_a_price_to_come_weighs_nothing_in_the_value_before_its_day(product, now):
    day = now.date() + dt.timedelta(days=1)
    apply("prices", f"sku,price,from\n{product.sku},99.00,{day}\n", now)

    assert prices.reward_value(product, now=now) == 2500
    assert prices.reward_value(product, now=now + dt.timedelta(days=40)) == 9900


def test_the_same_prices_again_change_nothing(product, now):
    day = now.date() + dt.timedelta(days=3)
    text = f"sku,price,from\n{product.sku},30.00,{day}\n"
    apply("prices", text, now)

    again = apply("prices", text, now)

    assert (again.done, again.done_before) == (0, 1)
    assert PriceChange.objects.filter(product=product).count() == 2


def test_a_price_that_is_taken_back_before_its_day_never_comes(product, now):
    day = now.date() + dt.timedelta(days=3)
    for price in ("30.00", "25.00"):
        apply("prices", f"sku,price,from\n{product.sku},{price},{day}\n", now)

    prices.take_up_prices(now=now + dt.timedelta(days=4))

    product.refresh_from_db()
    assert product.price_cents == 2500


def test_every_bad_line_of_prices_is_named(product, now):
    yen = make.product(store="JP")
    past = now.date() - dt.timedelta(days=1)
    lines = [f"{product.sku},{price}," for price in ("0", "-1", "x", "1,5", "1e9", "99999999999999", "1.234")]
    lines += [f"{product.sku},26.00,{past}", f"{product.sku},26.00,30/11/2026", f"{yen.sku},26.50,", "nothing,1.00,"]

    found = problems("prices", "sku\tprice\tfrom\n" + "\n".join(lines).replace(",", "\t").replace("1\t5", "1,5"), now)

    assert [column for _number, column, _given in found] == ["price"] * 7 + ["from", "from", "price", "sku"]


def test_two_prices_of_one_instant_are_one_too_many(product, now):
    text = f"sku,price,from\n{product.sku},26.00,\n{product.sku},27.00,{now.date()}\n"

    assert problems("prices", text, now) == [(3, "sku", product.sku)]
    assert list(product.price_changes.values_list("price_cents", flat=True)) == [2500]


# Tax rates


def test_tax_rates_come_with_their_day(db, now):
    store, day = Marketplace.objects.get(code="US"), now.date() + dt.timedelta(days=5)
    TaxRate.objects.create(marketplace=store, country="US", region="OR", rate="0.01", valid_from=now.date())
    text = f"marketplace,country,region,rate,from\nus,US,or,8.25%,{day}\n"

    apply("taxes", text, now)
    again = apply("taxes", text, now)

    def rate(at):
        return str(destination_rate(store, country="US", region="OR", now=at))

    assert (rate(now), rate(now + dt.timedelta(days=5))) == ("0.01000", "0.08250")
    assert again.done_before == 1


def test_a_rate_in_force_is_not_changed_and_one_to_come_may_be(db, now):
    store, later = Marketplace.objects.get(code="US"), now.date() + dt.timedelta(days=5)
    for day in (now.date(), later):
        TaxRate.objects.create(marketplace=store, country="CA", region="", rate="0.05", valid_from=day)

    assert problems("taxes", f"marketplace,country,rate,from\nUS,CA,0.06,{now.date()}\n", now) == [
        (2, "from", f"{now.date()}")
    ]
    apply("taxes", f"marketplace,country,rate,from\nUS,CA,0.06,{later}\n", now)

    rates = TaxRate.objects.filter(marketplace=store, country="CA").order_by("valid_from")
    assert [str(rate) for rate in rates.values_list("rate", flat=True)] == ["0.05000", "0.06000"]


def test_every_bad_line_of_tax_rates_is_named(db, now):
    lines = ["XX,US,,1%,2030-01-01", "US,ZZ,,1%,2030-01-01", "US,,OR,1%,2030-01-01", "US,US,,1%,soon"]
    lines += [f"US,US,,{rate},2030-01-01" for rate in BAD_RATES]

    found = problems("taxes", "marketplace,country,region,rate,from\n" + "\n".join(lines), now)

    named = ["marketplace", "country", "region", "from", *["rate"] * len(BAD_RATES)]
    assert [column for _number, column, _given in found] == named


# Memberships


def test_memberships_are_granted_once(customer, now):
    text = f"email,from,until\n{customer.email.upper()},{now.date()},{now.date() + dt.timedelta(days=30)}\n"

    apply("memberships", text, now)
    again = apply("memberships", text, now)

    assert is_member(customer, now=now)
    assert (Membership.objects.count(), again.done_before) == (1, 1)


def test_every_bad_line_of_memberships_is_named(customer, now):
    lines = [
        "nobody@example.com,2026-01-01,2026-02-01",
        f"{customer.email},2026-02-01,2026-01-01",
        f"{customer.email},,x",
    ]

    found = problems("memberships", "email,from,until\n" + "\n".join(lines), now)

    assert [column for _number, column, _given in found] == ["email", "until", "from", "until"]
    assert not Membership.objects.exists()


# The pages


def upload(client, kind: str, text: str):
    file = SimpleUploadedFile("stock of today.csv", text.encode())
    return client.post(f"/admin/catalog/csvimport/new/{kind}/", {"file": file})


def test_an_operator_uploads_looks_and_applies(client, product):
    client.force_login(make.operator())

    check = upload(client, "stock", f"sku,units,reference\n{product.sku},5,DN-1\n")["Location"]
    looked = client.get(check).text
    product.refresh_from_db()
    before = product.stock
    applied = client.post(check, follow=True).text
    client.post(check)

    product.refresh_from_db()
    assert "1 line will change something." in looked and "from 10 to 15" in looked
    assert (before, product.stock) == (10, 15)
    assert "Applied: 1 done, 0 were done before." in applied
    assert client.get(check).status_code == 302  # there is nothing left to look at
    assert bytes(CsvImport.objects.get().content) == b""
    assert client.get("/admin/catalog/csvimport/").status_code == 200


def test_bad_lines_are_shown_and_cannot_be_applied(client, product):
    client.force_login(make.operator())

    check = upload(client, "stock", f"sku,units,reference\n<b>,5,DN-1\n{product.sku},5,DN-1\n")["Location"]
    looked = client.get(check).text
    shown = client.post(check, follow=True).text

    assert "1 line is wrong." in looked and "“&lt;b&gt;” is given" in looked and 'value="Apply"' not in looked
    assert "Some lines are wrong" in shown
    product.refresh_from_db()
    assert product.stock == 10


def test_the_page_of_an_upload_says_which_columns_it_takes(client, db):
    client.force_login(make.operator())

    for kind in CsvImport.Kind.values:
        page = client.get(f"/admin/catalog/csvimport/new/{kind}/").text
        assert "Columns: " in page and 'href="/admin/catalog/csvimport/">Imports</a>' in page


def test_what_is_missing_in_a_line_is_called_missing(client, product):
    client.force_login(make.operator())

    check = upload(client, "stock", f"sku,units,reference\n{product.sku},,DN-1\n")["Location"]

    assert "units: nothing is given; allowed is a whole number" in client.get(check).text


def test_a_file_that_is_none_is_told_on_the_form(client, db):
    client.force_login(make.operator())

    for text in ("", "\x00", "nothing,of,this\n"):
        assert "errorlist" in upload(client, "prices", text).content.decode()
    assert "errorlist" in client.post("/admin/catalog/csvimport/new/prices/").text
    assert client.get("/admin/catalog/csvimport/new/other/").status_code == 404
    assert client.get("/admin/catalog/csvimport/999/check/").status_code == 404


def test_who_may_not_change_what_it_is_about_may_not_upload_it(client, product, now):
    clerk = make.user(is_staff=True)
    client.force_login(clerk)
    kept = keep("stock", f"sku,units,reference\n{product.sku},5,DN-1\n", now)

    assert client.get("/admin/catalog/csvimport/new/stock/").status_code == 403
    assert client.post(f"/admin/catalog/csvimport/{kept.pk}/check/").status_code == 403
    product.refresh_from_db()
    assert product.stock == 10
