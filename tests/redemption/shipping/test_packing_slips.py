"""Lists, slips and files that tell addresses; the code that is shown for a reason."""

import copy
import csv
import datetime as dt
import io

import pycountry
import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from pypdf import PdfReader

from accounts.models import DataAccessLog
from catalog.delivery_countries import country_name
from moments.i18n.datetimes import display_date
from moments.web.pdf import new_sheet
from redemption.addresses.address import Address, address_of
from redemption.models import Order
from redemption.orders.digital_content import encrypted_content
from redemption.shipping.packing_slips import Slip, slips_pdf
from tests import make
from tests.redemption.shipping.parcels import LIST, addressed, statuses

JAPANESE = Address("山田 太郎", "丸の内1-2-3", "千代田区", "東京都", "100-0005", "JP")
HINDI = Address("श्रीमती विद्या कृष्णमूर्ति", "१२, महात्मा गाँधी मार्ग, ज्ञान क्षेत्र", "नई दिल्ली", "DL", "110001", "IN")
CHINESE = Address("王 小明", "建国路93号 8号楼", "北京市", "北京市", "100022", "CN", city_area="朝阳区")
GERMAN = Address("Jörg Größe", "Übergasse 7", "Weißenfels", "", "06667", "DE")
SPANISH = Address("Íñigo Núñez", "Calle Peñíscola 3, 1.º", "Alcorcón", "M", "28921", "ES")
FRENCH = Address("Zoé Lefœuvre", "12 rue de l’Hôpital, 3ᵉ étage", "Besançon", "", "25000", "FR")
ITALIAN = Address("Niccolò Però", "Via della Libertà 9", "Forlì", "FC", "47121", "IT")
BRAZILIAN = Address("João Conceição", "Praça da Sé, 1", "São Paulo", "SP", "01001-000", "BR")
POLISH = Address("Łukasz Żółć", "ul. Świętojańska 5", "Gdynia", "", "81-368", "PL")


@pytest.mark.slow
def test_the_pick_list_is_by_product_and_size_and_ticked_off(client, operator, customer):
    lamp, mug = make.product(title="Lamp"), make.product(title="Mug")
    campaign = make.campaign(products=[lamp, mug])
    orders = [make.order(make.reward(campaign), by=customer, chosen=chosen) for chosen in (lamp, mug, lamp)]
    Order.objects.filter(pk=orders[2].pk).update(size="XL")
    page = reverse("admin:redemption_order_pick_list")

    shelves = client.get(page).context["shelves"]
    assert [(shelf.product, shelf.size, len(shelf.orders)) for shelf in shelves] == [
        (lamp, "", 1),
        (lamp, "XL", 1),
        (mug, "", 1),
    ]
    client.post(page, {"order": [orders[0].pk], "picked": "1"})
    client.post(page, {"order": [orders[1].pk, "x", "9" * 40, "\x00"], "missing": "1"})

    assert statuses() == ["picked", "placed", "placed"]
    assert Order.objects.get(is_missing=True) == orders[1]
    assert [shelf.size for shelf in client.get(page).context["shelves"]] == ["XL"]


@pytest.mark.slow
def test_slips_are_written_as_each_country_does_and_tell_no_price(campaign, customer):
    orders = [
        addressed(make.order(make.reward(campaign), by=customer), address)
        for address in (make.PORTLAND, JAPANESE, POLISH)
    ]
    orders[1].language, orders[1].size, orders[1].product.title = "ja", "XL", "湯呑み"

    pages = [page.extract_text() for page in PdfReader(io.BytesIO(slips_pdf(orders))).pages]

    assert len(pages) == 3
    assert "Kim Larsen\n1 Harbor Street\nPORTLAND, OR 97205\nUnited States" in pages[0]
    assert "山田 太郎" in pages[1] and "〒100-0005" in pages[1] and "日本" in pages[1]
    assert "湯呑み" in pages[1] and "XL" in pages[1]
    assert "Łukasz Żółć" in pages[2] and "81-368 GDYNIA" in pages[2]
    for page, order in zip(pages, orders, strict=True):
        assert order.number in page and order.product.sku in page
        assert "$" not in page and "25.00" not in page and "cannot be printed" not in page


IN_THEIR_SCRIPT = {  # an address, a product and a size for each language that is offered
    "en": (POLISH, "Café mug № 2 “Ångström”", "½ l"),
    "de": (GERMAN, "Große Füße, süß", "XL"),
    "es": (SPANISH, "¿Piñata? ¡Sí!", "pequeño"),
    "fr": (FRENCH, "Œuvre « Été »", "38½"),
    "it": (ITALIAN, "Caffè perché sì", "più"),
    "pt-br": (BRAZILIAN, "Pão de açúcar", "médio"),
    "hi": (HINDI, "हस्तनिर्मित मिट्टी का प्याला, office ₹", "छोटा"),
    "ja": (JAPANESE, "湯呑み（青）ｶﾞﾗｽ", "大"),
    "zh-hans": (CHINESE, "手工茶杯“蓝”", "中号"),
}


def words_on(pdf: bytes) -> list[str]:
    """Of each page, without the spaces: lines break where they must."""
    return ["".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(pdf)).pages]


def test_every_language_that_is_offered_has_a_slip_to_try():
    assert set(IN_THEIR_SCRIPT) == {language for language, _name in settings.LANGUAGES}


@pytest.mark.slow
@pytest.mark.parametrize("language", IN_THEIR_SCRIPT)
def test_slips_draw_every_language_with_its_months(language, order, caplog):
    address, title, size = IN_THEIR_SCRIPT[language]
    order = addressed(order, address)
    order.language, order.size, order.product.title = language, size, title
    orders = []
    for month in range(1, 13):
        orders.append(copy.copy(order))
        orders[-1].placed_at = dt.datetime(2026, month, 28, 12, tzinfo=dt.UTC)

    pages = words_on(slips_pdf(orders))

    with translation.override(language):
        for page, slip in zip(pages, orders, strict=True):
            parts = [*address_of(slip).lines(), title, size, display_date(slip.placed_at.date())]
            parts += [gettext("Packing slip"), gettext("Order number"), gettext("How many")]
            assert [part for part in parts if "".join(part.split()) not in page] == []
            assert "cannotbeprinted" not in page
    assert "glyph" not in caplog.text


@pytest.mark.slow
@pytest.mark.parametrize("language", IN_THEIR_SCRIPT)
def test_slips_draw_the_name_of_every_country_in_every_language(language, caplog):
    with translation.override(language), new_sheet(Slip, "Countries", []) as sheet:
        names = [country_name(country.alpha_2) for country in pycountry.countries]
        sheet.add_page()
        for name in names:
            sheet.text_line(name, size=10)
        assert [sheet.printable(name) for name in names] == names
        drawn = "".join(words_on(bytes(sheet.output())))

    assert [name for name in names if "".join(name.split()) not in drawn] == []
    assert "glyph" not in caplog.text


@pytest.mark.slow
def test_a_slip_says_where_letters_cannot_be_printed(order, caplog):
    cairo = Address("محمد", "شارع التحرير", "القاهرة", "القاهرة", "11511", "EG")

    (page,) = PdfReader(io.BytesIO(slips_pdf([addressed(order, cairo)]))).pages

    assert "Some letters of this address cannot be printed." in " ".join(page.extract_text().split())
    assert "glyphs" not in caplog.text, "no letters of an address in the log"


@pytest.mark.slow
def test_slips_and_parcels_ask_nothing_and_are_written_down_order_by_order(client, operator, order):
    for number, (action, reason) in enumerate({"slips": "packing slips", "parcels": "parcels as CSV"}.items(), 1):
        answer = client.post(reverse(LIST), {"action": action, "_selected_action": [order.pk]})

        assert answer["Content-Disposition"].startswith("attachment")
        assert b"Harbor Street" in answer.getvalue() or answer.getvalue().startswith(b"%PDF")
        look = DataAccessLog.objects.latest("pk")
        assert (look.purpose, look.reason, look.actor, look.customer) == (
            "fulfillment",
            reason,
            operator,
            order.customer,
        )
        assert DataAccessLog.objects.count() == number


def test_a_code_is_shown_to_staff_for_a_reason_only(client, operator, order):
    Order.objects.filter(pk=order.pk).update(encrypted_content=encrypted_content(order, "GIFT-1234"))
    page = reverse("admin:redemption_order_content", args=[order.pk])
    assert "GIFT-1234" not in client.get(page).text and not DataAccessLog.objects.exists()

    client.post(page, {"access_reason": "The customer lost it"})
    assert "GIFT-1234" in client.get(page).text

    look = DataAccessLog.objects.get()
    assert (look.object_type, look.reason, look.customer) == (
        "code or link of an order",
        "The customer lost it",
        order.customer,
    )
    assert "GIFT-1234" not in client.get(reverse("admin:redemption_order_change", args=[order.pk])).text


def test_the_parcels_are_told_in_full_and_start_no_formula(client, operator, campaign, customer):
    evil = Address("=cmd|' /C calc'!A0", "+1 Harbor Street", "Portland", "OR", "97205", "US", "-1")
    orders = [addressed(make.order(make.reward(campaign), by=customer), evil) for _number in range(2)]
    Order.objects.filter(pk=orders[1].pk).update(status="canceled")
    page = reverse("admin:redemption_order_parcels")

    (header, row) = csv.reader(io.StringIO(client.get(page).getvalue().decode("utf-8-sig")))

    shown = dict(zip(header, row, strict=True))
    assert shown["order_number"] == orders[0].number and shown["quantity"] == "1"
    assert (
        shown["recipient"] == "'=cmd|' /C calc'!A0"
        and shown["street"] == "'+1 Harbor Street"
        and shown["phone"] == "-1"
    )


@pytest.mark.slow
def test_the_day_on_a_slip_is_the_customers(order):
    at = dt.datetime(2026, 3, 1, 3, 0, tzinfo=dt.UTC)
    order.placed_at = at

    (in_store,) = words_on(slips_pdf([order]))
    order.customer.browser_time_zone = "Asia/Tokyo"
    (in_tokyo,) = words_on(slips_pdf([order]))

    assert "28Feb2026" in in_store and "1Mar2026" in in_tokyo
