"""Whoever is erased while they order, claim or are refunded."""

import datetime as dt
import threading

import pytest
from django.db import OperationalError, connection

from accounts.models import User
from moments import clock
from moments.errors import RuleViolation
from outbox.models import Mail
from redemption.checkout import place_order
from redemption.models import Order
from redemption.privacy import erasure
from redemption.privacy.erasure import erase_customer
from redemption.shipping import transitions
from rewards.claims import service as claiming
from rewards.issuing.emails import mail_exchange
from rewards.models import ClaimFingerprint, PointEventEmail, PointExchange, Reward
from rewards.points import event_emails, exchanges
from rewards.points.settlement import settle_due
from tests import make
from tests.harness.locks import behind, wait_for_waiters
from tests.races.crowd import rush
from tests.redemption.privacy.customer_lifecycles import HOME, SECRETS, columns_with, earn_pending_points

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
CROWD, FEW = 64, 8


def zaphod() -> User:
    return make.user(f"kim.zaphod.{User.objects.count()}@example.com", name="Kim Zaphod")


def while_erased(kim: User, monkeypatch, act, crowd: int = CROWD) -> list:
    """What a crowd found that came to wait, each of them, while ``kim`` was being erased; first the erasure itself."""

    def erase(held: threading.Event) -> None:
        def once_all_wait(user: User, *, now) -> None:
            held.set()
            with connection.cursor() as cursor:
                wait_for_waiters(cursor, crowd)

        with monkeypatch.context() as patched:
            patched.setattr(erasure, "refuse_erasure", once_all_wait)
            erase_customer(kim, now=clock.now())

    return rush(crowd + 1, behind(erase, act))


def as_read(reward: Reward) -> Reward:
    """Each caller has a row of its own."""
    return Reward.objects.select_related("campaign", "group__marketplace").get(pk=reward.pk)


def codes(results: list) -> set:
    return {error.code if isinstance(error, RuleViolation) else error for error in results[1:]}


def left_of_kim() -> dict[str, set[str]]:
    """But the last mail, which says that all is gone."""
    Mail.objects.filter(kind="account_erased").delete()
    return {text: found for text in SECRETS if (found := columns_with(text))}


def test_nothing_is_claimed_for_whoever_is_erased_meanwhile_and_control(monkeypatch):
    campaign = make.campaign(monthly_limit_cents=500_000)
    rewards = [make.reward(campaign) for _number in range(CROWD)]

    def claim(number: int) -> None:
        reward, signals = as_read(rewards[number - 1]), {"device": "Kim's browser"}
        claiming.claim_reward(reward, customer=kim, signals=signals, now=clock.now())

    kim = zaphod()
    results = while_erased(kim, monkeypatch, claim)
    assert (results[0], codes(results)) == (None, {"erased"})
    assert left_of_kim() == {}
    assert not Reward.objects.exclude(customer=None).exists() and not ClaimFingerprint.objects.exists()

    kim = zaphod()
    monkeypatch.setattr(claiming, "lock_active_user", lambda _customer: None)
    while_erased(kim, monkeypatch, claim, crowd=FEW)

    assert kim.rewards.exists() and ClaimFingerprint.objects.filter(customer=kim).exists()


def test_nothing_is_ordered_for_whoever_is_erased_meanwhile_and_control(monkeypatch):
    product = make.product(stock_units=CROWD)
    campaign = make.campaign(products=[product])

    def order(_number: int) -> None:
        place_order.place_order(as_read(reward), customer=kim, product=product, address=HOME, now=clock.now())

    kim = zaphod()
    reward = make.reward(campaign, claimed_by=kim)
    results = while_erased(kim, monkeypatch, order)
    assert (results[0], codes(results)) == (None, {"erased"})
    assert left_of_kim() == {}
    assert not Order.objects.exists()

    kim = zaphod()
    reward = make.reward(campaign, claimed_by=kim)
    monkeypatch.setattr(place_order, "lock_active_user", lambda _customer: None)
    while_erased(kim, monkeypatch, order, crowd=FEW)

    assert left_of_kim()["Betelgeuse"] == {"redemption_order"}


def delivered(kim: User) -> Order:
    made = make.order(make.reward(make.campaign()), by=kim, address=HOME)
    made.refresh_from_db()
    transitions.ship_order(made, by=make.operator(), now=clock.now())
    transitions.deliver_order(made, by=make.operator(), now=clock.now())
    return made


def test_an_erasure_and_a_refund_do_not_wait_for_each_other_and_control(monkeypatch):
    def refund(_number: int) -> None:
        transitions.refund_order(made, by=robin, reason="Lost.", now=clock.now())

    kim, robin = zaphod(), make.operator()
    made = delivered(kim)
    assert while_erased(kim, monkeypatch, refund, crowd=1) == [None, None]
    assert Order.objects.get().status == "refunded"
    assert not Mail.objects.filter(kind="order_refunded").exists()
    assert left_of_kim() == {}

    kim = zaphod()
    made = delivered(kim)
    monkeypatch.setattr(transitions, "try_lock_active_user", lambda _customer: True)
    results = while_erased(kim, monkeypatch, refund, crowd=1)

    assert [type(error) for error in results if error] == [OperationalError], "a deadlock"


def exchanged_while_erased(monkeypatch, is_noticed) -> int:
    """Emails that are left of an exchange whose transaction ends once ``is_noticed`` of the erasure, which is told of
    its end."""
    now, kim, campaign = clock.now(), zaphod(), make.campaign()
    earn_pending_points(kim.email, campaign, now)
    erased = threading.Event()

    def exchange(held: threading.Event) -> None:
        def queue_and_wait(*args, **kwargs) -> None:
            mail_exchange(*args, **kwargs)
            held.set()
            is_noticed(erased)

        with monkeypatch.context() as patched:
            patched.setattr(exchanges, "mail_exchange", queue_and_wait)
            settle_due(now=now + dt.timedelta(days=5))

    def erase(_number: int) -> None:
        erase_customer(kim, now=now)
        erased.set()

    rush(2, behind(exchange, erase))
    assert PointExchange.objects.filter(app=campaign.app).count() == 1
    return Mail.objects.filter(kind="points_exchanged", to_email=kim.email).count()


def test_an_exchange_under_way_emails_nobody_who_is_erased_and_control(monkeypatch):
    def erasure_waits(_erased: threading.Event) -> None:
        with connection.cursor() as cursor:
            wait_for_waiters(cursor, 1)

    assert exchanged_while_erased(monkeypatch, erasure_waits) == 0

    def without_lock(event_pk: int) -> str:
        return PointEventEmail.objects.get(event=event_pk).email

    def erasure_has_ended(erased: threading.Event) -> None:
        assert erased.wait(30)

    monkeypatch.setattr(event_emails, "email_of", without_lock)
    assert exchanged_while_erased(monkeypatch, erasure_has_ended) == 1
