"""Operators hear of what waits for them: of the urgent at once, of everything else once a day."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from accounts.models import SupportRequest
from accounts.organizations.service import open_request
from campaigns.approval.transitions import submit_for_approval, withdraw_campaign
from operations.digest import send_digests
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.claim import appeals
from redemption.models import DigestOptOut, Membership, Order
from tests import make

pytestmark = pytest.mark.django_db
SEVEN = dt.datetime(2026, 11, 30, 7, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture
def operator():
    return make.operator()


def digests():
    return Mail.objects.filter(kind="operator_digest")


def lines() -> dict[str, str]:
    """Text → link, of the only digest."""
    return dict(digests().get().context["lines"])


def pending_campaign(now):
    campaign = make.campaign("draft")
    submit_for_approval(campaign, by=campaign.organization.members.get().user, now=now)
    return campaign


# At once


def to_operators(settings, word: str) -> list[Mail]:
    return list(Mail.objects.filter(to_email=settings.OPERATOR_EMAIL, subject__contains=word))


def test_operators_are_mailed_once_for_each_submission_of_a_campaign(settings, now):
    campaign = pending_campaign(now)

    (mail,) = to_operators(settings, "waits for approval")
    assert campaign.name in mail.subject
    assert reverse("admin:campaigns_campaign_review", args=[campaign.pk]) in mail.text

    withdraw_campaign(campaign, by=make.operator(), now=now)
    submit_for_approval(campaign, by=make.operator(), now=now)
    assert len(to_operators(settings, "waits for approval")) == 2


def test_operators_are_mailed_once_for_each_order_with_two_day_shipping(settings, now):
    campaign, customer = make.campaign(), make.customer()
    make.order(make.reward(campaign), by=customer)
    assert to_operators(settings, "Two-day") == []

    Membership.objects.create(user=customer, starts_on=now.date(), ends_on=now.date())
    order = make.order(make.reward(campaign), by=customer)

    (mail,) = to_operators(settings, "Two-day")
    assert order.number in mail.text and order.is_two_day


# The digest


def test_the_digest_counts_everything_that_waits_and_links_to_it(operator, reward, customer, now):
    pending_campaign(now)
    owner = make.member()
    for kind in SupportRequest.Kind.values:
        open_request(owner, kind=kind, subject="A mug", body="Please.", now=now)
    appeals.open_appeal(reward, customer=customer, text="It is mine.", found=[], now=now)
    for status in ("placed", "placed", "picked", "packed"):
        order = make.order(make.reward(reward.campaign), by=make.customer())
        Order.objects.filter(pk=order.pk).update(status=status)

    send_digests(now=SEVEN)

    assert {text: url.partition("/admin/")[2] for text, url in lines().items()} == {
        "1 campaign waits for approval": "campaigns/campaign/?status__exact=pending",
        "2 orders to pick": "redemption/order/?waits=pick",
        "1 order to pack": "redemption/order/?waits=pack",
        "1 order to ship": "redemption/order/?waits=ship",
        "1 appeal to answer": "redemption/appeal/?status__exact=open",
        "2 requests about the catalog": "accounts/supportrequest/?status__exact=open",
        "2 other requests to answer": "accounts/supportrequest/?status__exact=open",
    }
    rendered = render_mail(digests().get())
    assert rendered.subject == "1 campaign waits for approval and 6 more"
    assert all(text in rendered.text and text in rendered.html for text in lines())


def test_every_link_of_the_digest_opens_a_page(client, operator, now):
    campaign = pending_campaign(now)
    make.order(make.reward(make.campaign()), by=make.customer())
    open_request(campaign.organization.members.get(), kind="tshirt", subject="A mug", body="Please.", now=now)
    client.force_login(operator)

    send_digests(now=SEVEN)

    for url in lines().values():
        assert client.get("/admin/" + url.partition("/admin/")[2]).status_code == 200, url


def test_nothing_waiting_is_no_email(operator):
    assert send_digests(now=SEVEN) == 0
    assert not digests().exists()


def test_the_digest_comes_once_a_day_however_often_the_task_runs(operator, now):
    pending_campaign(now)

    runs = [send_digests(now=SEVEN - dt.timedelta(minutes=1))]
    runs += [send_digests(now=SEVEN + dt.timedelta(minutes=15 * number)) for number in range(4)]
    runs += [send_digests(now=SEVEN + DAY) for _time in range(2)]

    assert runs == [0, 1, 0, 0, 0, 1, 0]
    assert set(digests().values_list("to_email", flat=True)) == {operator.email}


def test_only_active_staff_with_a_verified_address_get_the_digest(operator, now):
    inactive, unverified, moved, nobody = (make.operator() for _number in range(4))
    inactive.is_active = False
    inactive.save(update_fields=["is_active"])
    EmailAddress.objects.filter(user=unverified).update(verified=False)
    EmailAddress.objects.filter(user=moved).update(email="other@example.com")
    nobody.is_staff = False
    nobody.save(update_fields=["is_staff"])
    make.order(make.reward(make.campaign()), by=make.customer())

    assert send_digests(now=SEVEN) == 1
    assert digests().get().to_email == operator.email


def test_an_operator_reads_only_of_what_they_may_open(now):
    packer = make.user(is_staff=True)
    packer.user_permissions.add(Permission.objects.get(codename="view_order"))
    stranger = make.user(is_staff=True)
    pending_campaign(now)
    make.order(make.reward(make.campaign()), by=make.customer())

    send_digests(now=SEVEN)

    assert list(lines()) == ["1 order to pick"]
    assert digests().get().user == packer and stranger.is_staff


def test_the_mail_programs_own_button_ends_the_digest_for_one_operator(operator, now):
    other = make.operator()
    make.order(make.reward(make.campaign()), by=make.customer())
    send_digests(now=SEVEN)
    headers = render_mail(digests().get(user=operator)).headers
    path = "/" + headers["List-Unsubscribe"].strip("<>").split("/", 3)[3]

    looked = Client().get(path)
    assert looked.status_code == 200 and not DigestOptOut.objects.exists()
    answer = Client(enforce_csrf_checks=True).post(path, {"List-Unsubscribe": "One-Click"})

    assert answer.status_code == 200 and headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert DigestOptOut.objects.get().user == operator
    assert send_digests(now=SEVEN + DAY) == 1
    assert digests().latest("pk").user == other
    assert Client().get(path.replace("/stop/", "x/stop/")).status_code == 404


def test_the_link_of_somebody_who_was_erased_writes_nothing(operator, now):
    make.order(make.reward(make.campaign()), by=make.customer())
    send_digests(now=SEVEN)
    headers = render_mail(digests().get()).headers
    type(operator).objects.filter(pk=operator.pk).update(is_staff=False, is_superuser=False, erased_at=now)

    answer = Client().post("/" + headers["List-Unsubscribe"].strip("<>").split("/", 3)[3])

    assert answer.status_code == 200 and not DigestOptOut.objects.exists()


def test_an_operator_turns_the_digest_off_and_on_on_admins_first_page(client, operator):
    client.force_login(operator)
    switch, page = reverse("operations:switch_digest"), reverse("admin:index")
    assert f"a digest goes to {operator.email}" in client.get(page).text

    client.post(switch)
    assert DigestOptOut.objects.filter(user=operator).exists()
    assert "You get no daily digest" in client.get(page).text

    client.post(switch, {"wanted": "1"})
    assert not DigestOptOut.objects.exists()


def test_a_customer_cannot_switch_digests(client, customer):
    client.force_login(customer)

    assert client.post(reverse("operations:switch_digest")).status_code == 302
    assert not DigestOptOut.objects.exists()


# On admin's first page


def test_the_first_page_of_admin_lists_what_waits_for_this_operator(client, operator, now):
    client.force_login(operator)
    assert "Waiting for you" not in client.get("/admin/").text

    pending_campaign(now)

    page = f"{reverse('admin:campaigns_campaign_changelist')}?status__exact=pending"
    assert f'<a href="{page}">1 campaign waits for approval</a>' in client.get("/admin/").text
    client.force_login(make.user(is_staff=True))
    assert "Waiting for you" not in client.get("/admin/").text
