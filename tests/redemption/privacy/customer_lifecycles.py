"""Something of everything that is known of a customer, and where it is still read."""

from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from axes.models import AccessLog
from django.db import connection
from django.test import Client

from accounts.models import DataAccessLog, Invitation, Member, SignIn, SignInLink
from accounts.organizations.audit import AuditEvent, record
from accounts.organizations.service import open_request
from outbox.models import EmailSuppression
from redemption.addresses.saved import save_address
from redemption.models import Appeal, BackInStockAlert, DigestOptOut, Membership, OrderPayment
from redemption.shipping import transitions
from rewards.claims.service import claim_reward
from rewards.models import ClaimFingerprint
from rewards.points.events import EventRequest, record_event
from rewards.points.setup.programs import create_program
from rewards.points.setup.rule_editor import add_rule
from rewards.points.setup.tiers import add_tier
from tests import make

HOME = make.Address("Kim Zaphod", "42 Betelgeuse Road", "Quuxville", "OR", "97205", "US", "+1 503 555 0142")
SECRETS = ["kim.zaphod", "Kim Zaphod", "Betelgeuse", "Quuxville", "555 0142", "PARCEL-77"]
# Where a name may stay: what an organization wrote itself, and what the world is told to keep.
MAY_STAY = {"accounts_supportmessage"}


def full_life(kim, campaign, now):
    """Something of everything that is known of a customer who is a member of an organization too; its order."""
    Client().post("/accounts/login/", {"login": kim.email, "password": make.PASSWORD})
    order = make.order(make.reward(campaign), by=kim, address=HOME)
    robin = make.operator()
    transitions.ship_order(order, by=robin, carrier="Parcel Post", tracking_number="PARCEL-77", now=now)
    order.refresh_from_db()
    transitions.deliver_order(order, by=robin, now=now)
    save_address(kim, HOME, now=now)
    claim_reward(make.reward(campaign), customer=kim, now=now)
    Membership.objects.create(user=kim, starts_on=now.date(), ends_on=now.date())
    asked = {"reward": order.reward, "customer": kim, "text": "I, Kim Zaphod, ask you", "opened_at": now}
    Appeal.objects.create(**asked, status="declined", decided_at=now)
    DigestOptOut.objects.create(user=kim)
    BackInStockAlert.objects.create(reward=order.reward, customer=kim, product=order.product, asked_at=now)
    trace = {"campaign": campaign, "customer": kim, "kind": "device", "digest": "0" * 64}
    ClaimFingerprint.objects.create(**trace, occurred_at=now)
    SignIn.objects.create(user=kim, occurred_at=now, outcome="succeeded", address="203.0.113.x")
    SignInLink.objects.create(user=kim, email=kim.email, digest="0" * 64, expires_at=now)
    Authenticator.objects.create(user=kim, type="totp", data={"secret": "x"})
    SocialAccount.objects.create(user=kim, provider="sso", uid="77", extra_data={"name": "Kim Zaphod"})
    EmailSuppression.objects.create(email=kim.email, occurred_at=now, method="returned", ended_at=now)
    AccessLog.objects.create(username=kim.email, path_info="/", http_accept="", ip_address="203.0.113.9", user_agent="")
    DataAccessLog.objects.create(
        actor=robin, occurred_at=now, reason="They asked", object_type="order", object_id=str(order.pk), customer=kim
    )
    owner = make.member()
    member = Member.objects.create(organization=owner.organization, user=kim, role=Member.Role.EDITOR)
    earn_pending_points(kim.email, campaign, now)
    record(owner.organization, AuditEvent.JOINED, str(member), by=kim, now=now)
    Invitation.objects.create(
        organization=owner.organization, email=kim.email, role="editor", digest="1", expires_at=now, accepted_at=now
    )
    open_request(member, kind="other", subject="A mug", body="Yours, Kim Zaphod", now=now)
    OrderPayment.objects.create(
        reward=order.reward,
        customer=kim,
        product=order.product,
        order=order,
        status="paid",
        amount_cents=450,
        currency="USD",
        begun_at=now,
    )
    return order


def earn_pending_points(email, campaign, now):
    """An app sends the address with an event whose points may be exchanged later."""
    member = campaign.organization.members.get()
    program = create_program(member, name="Stars", time_zone="UTC", apps=[campaign.app], pending_days=3, now=now)
    add_rule(program, action="level", points_per_event=100, now=now)
    add_tier(program, points=100, group=campaign.groups.get(), is_automatic=True, now=now)
    record_event(campaign.app, EventRequest("e1", "user-1", "level", email=email), now=now)


def columns_with(text: str) -> set[str]:
    """Tables that hold ``text`` in some column of words."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND data_type IN ('text', 'character varying', 'jsonb')"
        )
        found = set()
        for table, column in cursor.fetchall():
            cursor.execute(
                f'SELECT 1 FROM "{table}" WHERE strpos(lower("{column}"::text), lower(%s)) > 0 LIMIT 1', [text]
            )
            if cursor.fetchone():
                found.add(table)
    return found
