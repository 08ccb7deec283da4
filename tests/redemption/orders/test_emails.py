"""What the emails about orders show."""

import datetime as dt

import pytest
from django.utils import translation

from redemption.models import Appeal, BackInStockAlert, Order, OrderPayment
from redemption.orders.emails import appeal_context, expires_for, order_context, payment_context, return_context
from redemption.shipping import transitions
from rewards.issuing.service import reward_link
from tests import make


@pytest.fixture
def order(reward, customer):
    return make.order(reward, by=customer)


def test_an_order_is_shown_with_its_amounts_and_where_it_goes(order):
    shown = order_context({"order": order.pk})

    assert (shown["number"], shown["product_title"]) == (order.number, str(order.product))
    assert shown["address_lines"] == ["Kim Larsen", "1 Harbor Street", "PORTLAND, OR 97205", "United States"]
    assert shown["item"] == "$25.00" and shown["credit"] == order_money(order.credit_cents)
    assert (shown["paid"], shown["operator_paid"], shown["paid_back"], shown["included_tax"]) == ("", "", "", "")
    assert order.number in shown["order_url"]


def order_money(cents: int) -> str:
    return f"${cents / 100:.2f}"


def test_what_was_paid_and_goes_back_is_shown(order):
    Order.objects.update(credit_cents=2000, paid_cents=500)

    shown = order_context({"order": order.pk, "reason": "Lost.", "can_choose_again": True, "paid_back_cents": 500})

    assert (shown["paid"], shown["paid_back"], shown["reason"]) == ("$5.00", "$5.00", "Lost.")
    assert shown["can_choose_again"] is True


def test_a_parcel_on_its_way_can_be_followed(order, now):
    transitions.ship_order(order, by=make.operator(), carrier="UPS", tracking_number="1Z999AA10123456784", now=now)

    shown = order_context({"order": order.pk})

    assert (shown["carrier"], shown["tracking_number"]) == ("UPS", "1Z999AA10123456784")
    assert "1Z999AA10123456784" in shown["tracking_url"]


def test_an_order_of_something_digital_shows_no_address_and_not_what_it_is(order):
    Order.objects.update(street="", encrypted_content="sealed")

    shown = order_context({"order": order.pk})

    assert shown["is_digital"] and shown["address_lines"] == []
    assert "sealed" not in str(shown)


def test_expiry_is_told_in_the_customers_own_zone(customer, campaign):
    campaign.rewards_expire_at = dt.datetime(2026, 12, 1, 0, 0, tzinfo=dt.UTC)
    customer.time_zone = "Asia/Tokyo"

    assert expires_for(customer, campaign) == "1 Dec 2026, 08:59 (Tokyo)"


@pytest.mark.parametrize(("status", "is_allowed"), [("allowed", True), ("declined", False)])
def test_an_answer_to_an_appeal_says_which_and_leads_to_the_reward(reward, customer, now, status, is_allowed):
    asked = {"reward": reward, "customer": customer, "text": "Please.", "opened_at": now}
    appeal = Appeal.objects.create(**asked, status=status, decided_at=now, answer="We looked.")

    shown = appeal_context({"appeal": appeal.pk})

    assert (shown["is_allowed"], shown["answer"]) == (is_allowed, "We looked.")
    assert shown["reward_url"] == reward_link(reward) and shown["app_name"] == reward.campaign.app.name


def test_a_product_that_is_back_is_shown_with_the_reward_it_is_for(reward, customer, now):
    product = reward.group.choices.get().product
    wish = BackInStockAlert.objects.create(reward=reward, customer=customer, product=product, asked_at=now)

    shown = return_context({"wish": wish.pk})

    assert shown["product_title"] == str(product) and shown["reward_url"] == reward_link(reward)
    assert shown["product_picture_url"] == ""


def test_a_payment_that_goes_back_is_shown_with_the_reason(reward, customer, now):
    payment = OrderPayment.objects.create(
        reward=reward,
        customer=customer,
        product=reward.group.choices.get().product,
        status="refunding",
        amount_cents=1250,
        currency="USD",
        reason="It was gone.",
        intent_id="pi_1",
        begun_at=now,
    )

    shown = payment_context({"payment": payment.pk})

    assert (shown["amount"], shown["reason"]) == ("$12.50", "It was gone.")
    assert shown["rewards_url"].endswith("/my/rewards/")


def test_the_banner_is_described_in_the_readers_language(order):
    campaign = order.reward.campaign
    campaign.translations = {"de": {"banner_alt": "Ein Geschenk"}}
    campaign.save(update_fields=["translations"])

    with translation.override("de"):
        assert order_context({"order": order.pk})["banner_alt"] == "Ein Geschenk"
