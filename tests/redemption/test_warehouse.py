"""The warehouse: fetched, packed, sent, returned; lists, slips and files."""

import csv
import datetime as dt
import io

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Look
from campaigns.models import BudgetEntry, ClaimLimits
from catalog.models import Product
from moments.errors import RuleViolation
from moments.instants import display_date
from outbox.models import Mail
from redemption import handling, substitution, tracking, warehouse
from redemption.addresses import Address
from redemption.carriers import tracking_url
from redemption.contents import sealed_content
from redemption.mine import claimed_by
from redemption.models import FulfilmentRequest, Order
from redemption.slips import slips_pdf
from rewards.models import Reward
from tests import make
from tests.races.crowd import rush

LIST = "admin:redemption_order_changelist"
JAPANESE = Address("山田 太郎", "丸の内1-2-3", "千代田区", "東京都", "100-0005", "JP")
POLISH = Address("Łukasz Żółć", "ul. Świętojańska 5", "Gdynia", "", "81-368", "PL")


@pytest.fixture
def order(reward, customer):
    return make.order(reward, by=customer)


@pytest.fixture
def operator(client, db):
    made = make.operator()
    client.force_login(made)
    return made


def statuses() -> list[str]:
    return list(Order.objects.order_by("pk").values_list("status", flat=True))


def refused(act, *args, **kwargs) -> str:
    before = (list(Order.objects.values()), Mail.objects.count())
    with pytest.raises(RuleViolation) as caught:
        act(*args, **kwargs)
    assert (list(Order.objects.values()), Mail.objects.count()) == before
    return caught.value.code


# Step by step


def test_an_order_is_picked_packed_shipped_and_delivered(order, now):
    operator = make.operator()

    warehouse.pick_order(order, by=operator, now=now)
    warehouse.pack_order(order, by=operator, now=now)
    handling.ship_order(order, by=operator, carrier="DHL", tracking_number="JD0146", now=now)
    handling.deliver_order(order, by=operator, now=now)

    assert Order.objects.get().status == "delivered"
    told = list(order.history.values_list("what", "by"))
    assert told[1:] == [(what, operator.pk) for what in ("picked", "packed", "shipped", "delivered")]


def test_no_step_is_done_twice_and_none_out_of_turn(order, now):
    operator, stale = make.operator(), Order.objects.get()

    assert refused(warehouse.pack_order, order, by=operator, now=now) == "illegal_move"
    warehouse.pick_order(order, by=operator, now=now)

    assert refused(warehouse.pick_order, order, by=operator, now=now) == "illegal_move"
    assert refused(warehouse.pick_order, stale, by=operator, now=now) == "conflict"
    assert refused(substitution.report_missing, order, by=operator, now=now) == "not_placed"


def test_what_is_missing_or_comes_in_no_parcel_is_not_picked(order, now):
    operator, stale = make.operator(), Order.objects.get()
    substitution.report_missing(order, by=operator, now=now)
    film = make.product(1200, kind="digital")
    digital = make.order(make.reward(make.campaign(products=[film], cpa_cents=1320)), by=make.customer())

    assert refused(warehouse.pick_order, order, by=operator, now=now) == "missing"
    assert refused(warehouse.pick_order, stale, by=operator, now=now) == "conflict"
    assert refused(warehouse.pick_order, digital, by=operator, now=now) == "no_parcel"


def test_what_was_reported_missing_meanwhile_is_not_put_back_by_a_cancellation(order, now):
    operator, stale = make.operator(), Order.objects.get()
    substitution.report_missing(order, by=operator, now=now)

    assert refused(handling.cancel_order, stale, by=operator, reason="Gone.", now=now) == "conflict"
    assert Product.objects.get().stock == 9


def test_what_was_missing_and_is_sent_was_found(order, now):
    operator = make.operator()
    substitution.report_missing(order, by=operator, now=now)

    handling.ship_order(order, by=operator, now=now)

    assert not Order.objects.get().is_missing


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_until_it_is_shipped_it_can_be_cancelled(order, now, steps):
    operator = make.operator()
    for act in (warehouse.pick_order, warehouse.pack_order)[:steps]:
        act(order, by=operator, now=now)

    handling.cancel_order(order, by=operator, reason="You asked us to.", now=now)

    assert Product.objects.get().stock == 10
    assert Reward.objects.get().status == "claimed"


# Returned and lost


@pytest.mark.parametrize("is_unit_back", [True, False])
@pytest.mark.parametrize("may_choose_again", [True, False])
def test_a_refund_gives_back_what_staff_say_and_the_charge_stays(
    client, order, customer, now, is_unit_back, may_choose_again
):
    operator, charged = make.operator(), list(BudgetEntry.objects.values())
    handling.ship_order(order, by=operator, now=now)
    if is_unit_back:  # so it had arrived
        handling.deliver_order(order, by=operator, now=now)

    chosen = {"is_unit_back": is_unit_back, "may_choose_again": may_choose_again}
    handling.refund_order(order, by=operator, reason="The parcel was lost.", **chosen, now=now)

    order.refresh_from_db()
    assert (order.status, order.refunded_at) == ("refunded", now)
    assert Product.objects.get().stock == (10 if is_unit_back else 9)
    assert Reward.objects.get().status == ("claimed" if may_choose_again else "redeemed")
    assert list(BudgetEntry.objects.values()) == charged
    assert order.history.get(what="refunded").why == "The parcel was lost."
    assert Mail.objects.get(kind="order_refunded").context["can_choose_again"] is may_choose_again
    client.force_login(customer)
    text = client.get(reverse("redemption:order", args=[order.number])).text
    assert "The parcel was lost." in text and ("Choose again" in text) is may_choose_again
    assert [row.waits for row in claimed_by(customer, now=now)] == [may_choose_again]
    again = {"by": operator, "reason": "Again.", "now": now}
    assert refused(handling.refund_order, order, **again) == "illegal_move"


def test_after_a_refund_the_reward_is_ordered_with_again_until_it_expires(order, customer, now):
    operator = make.operator()
    handling.ship_order(order, by=operator, now=now)
    handling.refund_order(order, by=operator, reason="Lost.", may_choose_again=True, now=now)

    again = make.order(Reward.objects.select_related("campaign", "group").get(), by=customer)
    handling.ship_order(again, by=operator, now=now)
    late = again.reward.campaign.rewards_expire_at
    handling.refund_order(again, by=operator, reason="Lost too.", may_choose_again=True, now=late)

    assert again.pk != order.pk and statuses() == ["refunded", "refunded"]
    assert Reward.objects.get().status == "expired"
    assert Mail.objects.filter(kind="order_refunded", context__can_choose_again=True).count() == 1


@pytest.mark.parametrize("status", ["placed", "waiting", "picked", "packed", "cancelled", "refunded"])
def test_what_is_not_on_its_way_is_not_refunded(order, now, status):
    Order.objects.filter(pk=order.pk).update(status=status)
    order.refresh_from_db()

    assert refused(handling.refund_order, order, by=make.operator(), reason="Lost.", now=now) == "illegal_move"
    assert Product.objects.get().stock == 9


def test_a_refund_without_a_reason_is_none(order, now):
    operator = make.operator()
    handling.ship_order(order, by=operator, now=now)

    assert refused(handling.refund_order, order, by=operator, reason=" ", now=now) == "no_reason"


def test_two_operators_who_refund_at_once_put_one_unit_back(order, now):
    operator = make.operator()
    handling.ship_order(order, by=operator, now=now)
    stale = Order.objects.get()
    chosen = {"by": operator, "reason": "Lost.", "is_unit_back": True, "may_choose_again": True, "now": now}

    handling.refund_order(order, **chosen)

    assert refused(handling.refund_order, stale, **chosen) == "conflict"
    assert Product.objects.get().stock == 10 and Mail.objects.filter(kind="order_refunded").count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_many_operators_one_ships_and_control_without_the_guard(monkeypatch, numbers):
    operator, campaign = make.operator(), make.campaign()

    def mails_of_eight() -> int:
        order = make.order(make.reward(campaign), by=make.customer())
        copies = [Order.objects.select_related("product").get(pk=order.pk) for _number in range(8)]
        rush(8, lambda number: handling.ship_order(copies[number], by=operator, now=order.placed_at))
        return Mail.objects.filter(kind="order_shipped", context__order=order.pk).count()

    guarded = mails_of_eight()
    monkeypatch.setattr(
        handling, "advance", lambda row, to, **changes: Order.objects.filter(pk=row.pk).update(status=to, **changes)
    )
    unguarded = mails_of_eight()

    assert guarded == 1
    assert unguarded > 1
    numbers("one order, eight operators", mails=guarded)
    numbers("control: shipped without the guard", mails=unguarded)


# The queue


def test_the_queue_tells_what_waits_for_whom(client, operator):
    mug, film = make.product(2500), make.product(2500, kind="digital")
    gift = make.product(2500, kind="digital", fulfilment="tremendous")
    campaign = make.campaign(products=[mug, film, gift])
    ClaimLimits.objects.create(campaign=campaign, accounts_per_address=0)

    def ordered(status="placed", chosen=mug, asked="", **fields):
        made = make.order(make.reward(campaign), by=make.customer(), chosen=chosen)
        FulfilmentRequest.objects.filter(order=made).update(status=asked)
        Order.objects.filter(pk=made.pk).update(status=status, **fields)
        return made.pk

    expected = {
        "pick": ordered(),
        "pack": ordered("picked"),
        "ship": ordered("packed"),
        "missing": ordered(is_missing=True),
        "customer": ordered("waiting"),
        "code": ordered(chosen=film),
        "provider": ordered(chosen=gift, asked="queued"),
        "unknown": ordered(chosen=gift, asked="unknown"),
        "attention": ordered(chosen=gift, asked="needs_attention"),
    }
    ordered("shipped")
    ordered("cancelled")

    for waits, pk in expected.items():
        listed = client.get(reverse(LIST), {"waits": waits}).context["cl"].result_list
        assert [row.pk for row in listed] == [pk], waits
    assert client.get(reverse(LIST), {"waits": "nonsense\x00"}).status_code in {200, 302}


def test_many_are_moved_at_once_and_one_that_cannot_holds_up_none(client, operator, customer, campaign):
    orders = [make.order(make.reward(campaign), by=customer) for _number in range(3)]
    Order.objects.filter(pk=orders[1].pk).update(status="waiting")
    selected = [order.pk for order in orders]

    for action, after in (
        ("pick", "picked"),
        ("pack", "packed"),
        ("ship_many", "shipped"),
        ("mark_delivered", "delivered"),
    ):
        answer = client.post(reverse(LIST), {"action": action, "_selected_action": selected}, follow=True)
        assert statuses() == [after, "waiting", after]
        assert orders[1].number in answer.text and "cannot become" in answer.text


def test_an_order_is_refunded_in_admin_and_says_so(client, operator, order, now):
    handling.ship_order(order, by=operator, now=now)
    page = reverse("admin:redemption_order_refund", args=[order.pk])

    assert "it came back" in client.get(page).text.lower()
    assert client.post(page, {"reason": ""}).status_code == 200 and statuses() == ["shipped"]
    assert client.post(page, {"reason": "Lost\x00"}).status_code == 200 and statuses() == ["shipped"]
    client.post(page, {"reason": "Lost.", "is_unit_back": "on"})

    assert statuses() == ["refunded"] and Product.objects.get().stock == 10
    assert Reward.objects.get().status == "redeemed"


def test_who_may_only_look_moves_nothing_and_gets_no_addresses(client, order):
    watcher = make.user(is_staff=True)
    watcher.user_permissions.set(Permission.objects.filter(codename="view_order"))
    client.force_login(watcher)
    content = f"order_number,carrier,tracking_number\n{order.number},DHL,JD1\n"

    for action in ("pick", "slips", "parcels", "ship_many"):
        answer = client.post(reverse(LIST), {"action": action, "_selected_action": [order.pk]}, follow=True)
        assert "Harbor Street" not in answer.text
    assert client.get(reverse("admin:redemption_order_pick_list")).status_code == 200
    assert client.post(reverse("admin:redemption_order_pick_list"), {"order": [order.pk]}).status_code == 403
    assert client.get(reverse("admin:redemption_order_parcels")).status_code == 403
    assert client.get(reverse("admin:redemption_order_content", args=[order.pk])).status_code == 403
    assert client.post(reverse("admin:redemption_order_tracking"), {"content": content}).status_code == 403
    client.post(reverse("admin:redemption_order_refund", args=[order.pk]), {"reason": "Lost."})
    assert statuses() == ["placed"]


def test_rewards_orders_and_requests_lead_to_each_other(client, operator):
    gift = make.product(2500, kind="digital", fulfilment="tremendous")
    order = make.order(make.reward(make.campaign(products=[gift])), by=make.customer())
    page = reverse("admin:redemption_order_change", args=[order.pk])

    listed = f"{reverse(LIST)}?reward__id__exact={order.reward_id}"
    assert listed in client.get(reverse("admin:rewards_reward_change", args=[order.reward_id])).text
    assert [row.pk for row in client.get(listed).context["cl"].result_list] == [order.pk]
    assert page in client.get(reverse("admin:redemption_fulfilmentrequest_changelist")).text
    shown = client.post(page, {"reason_to_look": "To pack and send it"}, follow=True).text
    assert reverse("admin:rewards_reward_change", args=[order.reward_id]) in shown
    asked = FulfilmentRequest.objects.get()
    assert reverse("admin:redemption_fulfilmentrequest_change", args=[asked.pk]) in shown


# Lists and slips


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


def addressed(order: Order, address: Address) -> Order:
    Order.objects.filter(pk=order.pk).update(**address.as_fields())
    return Order.objects.select_related("product").get(pk=order.pk)


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


def test_a_slip_says_where_letters_cannot_be_printed(order, caplog):
    cairo = Address("محمد", "شارع التحرير", "القاهرة", "القاهرة", "11511", "EG")

    (page,) = PdfReader(io.BytesIO(slips_pdf([addressed(order, cairo)]))).pages

    assert "Some letters of this address cannot be printed." in " ".join(page.extract_text().split())
    assert "glyphs" not in caplog.text, "no letters of an address in the log"


def test_slips_and_parcels_ask_nothing_and_are_written_down_order_by_order(client, operator, order):
    for number, (action, reason) in enumerate({"slips": "packing slips", "parcels": "parcels as CSV"}.items(), 1):
        answer = client.post(reverse(LIST), {"action": action, "_selected_action": [order.pk]})

        assert answer["Content-Disposition"].startswith("attachment")
        assert b"Harbor Street" in answer.getvalue() or answer.getvalue().startswith(b"%PDF")
        look = Look.objects.latest("pk")
        assert (look.purpose, look.reason, look.by, look.customer) == ("fulfilment", reason, operator, order.customer)
        assert Look.objects.count() == number


def test_a_code_is_shown_to_staff_for_a_reason_only(client, operator, order):
    Order.objects.filter(pk=order.pk).update(sealed_content=sealed_content(order, "GIFT-1234"))
    page = reverse("admin:redemption_order_content", args=[order.pk])
    assert "GIFT-1234" not in client.get(page).text and not Look.objects.exists()

    client.post(page, {"reason_to_look": "The customer lost it"})
    assert "GIFT-1234" in client.get(page).text

    look = Look.objects.get()
    assert (look.what, look.reason, look.customer) == (
        "code or link of an order",
        "The customer lost it",
        order.customer,
    )
    assert "GIFT-1234" not in client.get(reverse("admin:redemption_order_change", args=[order.pk])).text


def test_the_parcels_are_told_in_full_and_start_no_formula(client, operator, campaign, customer):
    evil = Address("=cmd|' /C calc'!A0", "+1 Harbor Street", "Portland", "OR", "97205", "US", "-1")
    orders = [addressed(make.order(make.reward(campaign), by=customer), evil) for _number in range(2)]
    Order.objects.filter(pk=orders[1].pk).update(status="cancelled")
    page = reverse("admin:redemption_order_parcels")

    (header, row) = csv.reader(io.StringIO(client.get(page).getvalue().decode()))

    told = dict(zip(header, row, strict=True))
    assert told["order_number"] == orders[0].number and told["quantity"] == "1"
    assert (
        told["recipient"] == "'=cmd|' /C calc'!A0" and told["street"] == "'+1 Harbor Street" and told["phone"] == "'-1"
    )


# Tracking numbers


def sheet(*lines: tuple) -> bytes:
    return "\n".join(["Order number;Carrier;Tracking number", *(";".join(line) for line in lines)]).encode()


def test_a_file_of_tracking_numbers_is_checked_then_applied_and_again_is_harmless(client, operator, campaign, customer):
    orders = [make.order(make.reward(campaign), by=customer) for _number in range(5)]
    Order.objects.filter(pk=orders[2].pk).update(status="waiting")
    numbers = [order.number for order in orders]
    content = sheet(
        (numbers[0].lower(), "DHL", "JD1"),
        (numbers[1], "", "JD2"),
        (numbers[2], "DHL", "JD3"),
        ("AAAA-BBBB-CCCC", "DHL", "JD4"),
        (numbers[0], "DHL", "JD5"),
        (numbers[3], "DHL", "J" * 81),
        (numbers[4], "UPS", "1Z999"),
    )
    page = reverse("admin:redemption_order_tracking")

    checked = client.post(page, {"file": SimpleUploadedFile("tracking.csv", content)})

    bad = [(number, column) for number, column, _given, _allowed in checked.context["problems"]]
    assert bad == [
        (3, "carrier"),
        (4, "order_number"),
        (5, "order_number"),
        (6, "order_number"),
        (7, "tracking_number"),
    ]
    assert checked.context["good"] == 2 and "2 orders will be shipped" in checked.text
    assert set(statuses()) == {"placed", "waiting"} and Mail.objects.filter(kind="order_shipped").count() == 0

    for _time in range(2):
        client.post(page, {"content": checked.context["checked"].initial["content"]})
    assert statuses() == ["shipped", "placed", "waiting", "placed", "shipped"]
    assert Mail.objects.filter(kind="order_shipped").count() == 2
    assert Order.objects.get(pk=orders[4].pk).tracking_number == "1Z999"
    again = client.post(page, {"file": SimpleUploadedFile("tracking.csv", content)})
    assert again.context["known"] == 2 and again.context["good"] == 0


def test_another_number_for_what_was_shipped_is_a_bad_line(order, now):
    handling.ship_order(order, by=make.operator(), carrier="DHL", tracking_number="JD1", now=now)

    (known,) = tracking.check_tracking(sheet((order.number, "DHL", "JD1")))
    (other,) = tracking.check_tracking(sheet((order.number, "DHL", "JD2")))

    assert known.is_known and not known.line.problems
    assert "shipped" in other.line.problems[0][1] and not other.is_to_be_shipped


def test_an_order_that_moves_between_the_look_and_the_act_is_left_as_it_is(order, now):
    found = tracking.check_tracking(sheet((order.number, "DHL", "JD1")))
    handling.cancel_order(Order.objects.get(), by=make.operator(), reason="You asked us to.", now=now)

    assert tracking.apply_tracking(found, by=make.operator(), now=now) == 0

    assert statuses() == ["cancelled"] and found[0].line.problems
    assert Mail.objects.filter(kind="order_shipped").count() == 0


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00",
        b"\xff\xfe",
        b"order_number\nA",
        b"a,b,c\n1,2,3",
        b'order_number,carrier,tracking_number\n"',
        b"x" * 600_000,
    ],
)
def test_a_file_that_is_none_is_answered_with_a_sentence(client, operator, content):
    page = reverse("admin:redemption_order_tracking")

    answer = client.post(page, {"file": SimpleUploadedFile("tracking.csv", content)})

    assert answer.status_code == 200 and "errorlist" in answer.text
    text = content.decode("latin-1").replace("\x00", "")[:500_000]
    assert client.post(page, {"content": text}).status_code == 200


# What the customer reads


@pytest.mark.parametrize(
    ("carrier", "number", "page"),
    [
        ("DHL", "JD0146 0000", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JD01460000"),
        ("dhl express", "1234567890", "https://www.dhl.com/global-en/home/tracking.html?tracking-id=1234567890"),
        ("U.P.S.", "1Z999AA1", "https://www.ups.com/track?tracknum=1Z999AA1"),
        ("Parcel Post", "PP123456", ""),
        ("", "PP123456", ""),
        ("DHL", "", ""),
        ("DHL", "javascript:alert(1)", ""),
        ("DHL", "12345\n", ""),
        ("DHL", '1234"><script>', ""),
    ],
)
def test_known_carriers_say_where_it_is(carrier, number, page):
    assert tracking_url(carrier, number) == page


def test_the_customer_reads_where_their_order_is(client, order, customer, now):
    operator, page = make.operator(), reverse("redemption:order", args=[order.number])
    client.force_login(customer)
    assert "You ordered it." in client.get(page).text

    warehouse.pick_order(order, by=operator, now=now)
    text = client.get(page).text
    assert "We are preparing it" in text and "being prepared" in text and ">picked" not in text
    assert "being prepared" in client.get(reverse("redemption:my_rewards")).text

    warehouse.pack_order(order, by=operator, now=now)
    handling.ship_order(order, by=operator, carrier="UPS", tracking_number="1Z999AA1", now=now)
    text = client.get(page).text
    there_by = display_date((now + dt.timedelta(days=7)).date())
    assert '<a href="https://www.ups.com/track?tracknum=1Z999AA1" rel="noreferrer">' in text
    assert f"Usually there by {there_by}." in text and "It is on its way." in text
    Order.objects.update(shipped_at=now - dt.timedelta(days=9))
    assert "It should have been there by" in client.get(page).text
    Order.objects.update(is_two_day=True, shipped_at=now)
    assert f"Usually there by {display_date((now + dt.timedelta(days=2)).date())}." in client.get(page).text

    handling.deliver_order(order, by=operator, now=now)
    text = client.get(page).text
    assert "It has arrived" in text and "Usually there" not in text


def test_what_concerns_operators_alone_is_not_told(client, order, customer, now):
    substitution.report_missing(order, by=make.operator(), now=now)
    substitution.substitute_out_of_stock(now=now)
    client.force_login(customer)

    text = client.get(reverse("redemption:order", args=[order.number])).text

    assert order.history.filter(what="no equal found").exists()
    assert "no equal found" not in text.lower() and "It was not on its shelf." in text
