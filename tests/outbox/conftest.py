"""A mail of every kind, and somebody who receives it."""

import datetime as dt
import threading

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message
from django.template import engines

from accounts.models import Organization
from campaigns.approval.transitions import resume, take_down
from campaigns.billing.collection import begin_payment, fail
from campaigns.billing.statements import close_months
from campaigns.budget.holds import Held, hold_campaign, release_campaign
from campaigns.emails import mail_decision, mail_finished, mail_threshold
from campaigns.models import CampaignVersion, PaymentMethod, Statement
from console.reports.subscriptions import mail_reports, subscribe
from operations import digest
from outbox.models import WebhookEndpoint
from outbox.service import queue_mail
from outbox.webhooks.endpoints import create_endpoint, disable_endpoint
from redemption.checkout import place_order
from redemption.claim import appeals
from redemption.models import BackInStockAlert, OrderPayment
from redemption.shipping import substitution, transitions
from rewards.issuing.service import issue_and_mail
from rewards.models import Reward, StuckExchange
from rewards.points.automatic import retry_stuck_exchange
from rewards.points.events import EventRequest, record_event
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make
from tests.campaigns.billing.test_statements import issue_last_month
from tests.stack import free_port


class Sink(Message):
    def __init__(self):
        super().__init__()
        self.messages, self.senders = [], []
        self.arrived = threading.Event()

    def handle_message(self, message):
        self.messages.append(message)
        self.senders.append(message["X-MailFrom"])
        self.arrived.set()


@pytest.fixture
def sink(settings):
    """A receiver over SMTP; Moments is pointed at it."""
    handler = Sink()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.SMTP_URL = f"smtp://127.0.0.1:{controller.port}"
    yield handler
    controller.stop()


def exchange_that_is_stuck(campaign, now):
    """A campaign that is taken down refuses the automatic exchange of an event; a member makes it later."""
    member = campaign.organization.members.get()
    program = create_program(member, name="Stars", time_zone="UTC", apps=[campaign.app], now=now)
    add_rule(program, action="level", points_per_event=100, now=now)
    add_tier(program, points=100, group=campaign.groups.get(), is_automatic=True, now=now)
    take_down(campaign, by=None, now=now)
    record_event(campaign.app, EventRequest("e1", "kim", "level", email="kim@example.com"), now=now)
    resume(campaign, by=None, now=now)
    retry_stuck_exchange(StuckExchange.objects.get(), by=member, now=now)


@pytest.fixture
def one_of_each(now):
    """A mail of every kind, by doing what causes it."""
    product = make.product(title="Bear, medium")
    campaign = make.campaign(products=[product], days=(-90, 30))
    customer, operator = make.customer(), make.operator()
    issue_and_mail(make.ask(campaign, app_user_id="kim"), to_email=customer.email, now=now)
    reward = Reward.objects.get()
    order = make.order(reward, by=customer)
    make.product(2600, title="Marble run")
    substitution.report_missing(order, by=operator, now=now)
    substitution.substitute_out_of_stock(now=now)
    order.refresh_from_db()
    transitions.cancel_order(order, by=operator, reason="The parcel was lost.", now=now)
    again = place_order.place_order(reward, customer=customer, product=product, address=make.PORTLAND, now=now)
    transitions.ship_order(again, by=operator, carrier="Parcel Post", tracking_number="PP1", now=now)
    again.refresh_from_db()
    transitions.deliver_order(again, by=operator, now=now)
    shown = {"reason": "It came back to us.", "can_choose_again": True, "paid_back_cents": 450}
    place_order.mail_customer(again, "order_refunded", **shown, now=now)
    payment = OrderPayment.objects.create(
        reward=reward,
        customer=customer,
        product=product,
        amount_cents=349,
        currency="USD",
        reason="Gone.",
        begun_at=now,
    )
    queue_mail("payment_returned", to_email=customer.email, context={"payment": payment.pk}, now=now)
    queue_mail("account_erased", to_email=customer.email, context={}, now=now)
    queue_mail("reward_expiring", to_email=customer.email, context={"reward": str(reward.pk)}, now=now)
    version = CampaignVersion.objects.get()
    mail_decision(campaign, version, "campaign_rejected", now=now)
    mail_finished(campaign, now=now)
    mail_threshold(campaign, "monthly limit", 100, 5_000_00, 5_000_00, dedupe_key="x", now=now)
    exchange_that_is_stuck(campaign, now)
    hold_campaign(campaign, because=Held.BOOKS, why="A counter differs.", now=now)
    release_campaign(campaign, why="It agrees now.", by=operator, now=now)
    appeal = appeals.open_appeal(reward, customer=customer, text="It is mine.", found=[], now=now)
    endpoint, _secret = create_endpoint(campaign.organization, url="https://example.com/x", by=None, now=now)
    disable_endpoint(endpoint, reason=WebhookEndpoint.Reason.FAILING, now=now)
    digest.send_digests(now=now.replace(hour=12))
    appeals.decline_appeal(appeal, by=operator, answer="Another account has it.", now=now)
    wish = BackInStockAlert.objects.create(reward=reward, customer=customer, product=product, asked_at=now)
    queue_mail("back_in_stock", to_email=customer.email, context={"wish": wish.pk}, now=now)
    queue_mail("address_check", to_email=customer.email, context={"trouble": 1}, now=now)
    of_billing(campaign, now)
    return reward


def of_billing(campaign, now):
    """A statement, a card that failed to pay it, and a report."""
    member = campaign.organization.members.get()
    issue_last_month(campaign, now)
    close_months(now=now)
    statement = Statement.objects.get()
    PaymentMethod.objects.create(organization=statement.organization, owner=member.user, brand="visa", method_id="pm")
    Organization.objects.filter(pk=statement.organization_id).update(payment_waived_at=None)
    fail(begin_payment(statement, now=now), "Your card was declined.", now=now)
    subscribe(member, "week", now=now)
    mail_reports(now=now + dt.timedelta(days=7))


@pytest.fixture
def notified_of_gaps(monkeypatch):
    """What a template names and nobody gives it stands out."""
    monkeypatch.setattr(engines["django"].engine, "string_if_invalid", "NOTHING IS GIVEN")
