"""Claims that cannot be farmed, and the appeal of whoever was refused by mistake."""

import datetime as dt
import re
from dataclasses import replace

import pytest
from django.test import Client
from django.urls import reverse

from accounts.sign_in.device_cookie import DEVICE
from campaigns.budget.claim_limits import Limits, claim_limits_of
from campaigns.models import Campaign, ClaimLimits
from moments.errors import RuleViolation
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from redemption.checkout.place_order import place_order
from redemption.claim import appeals
from redemption.models import Appeal, Order
from redemption.privacy.erasure import erase_customer
from redemption.session.abuse_signals import address_signal, network_of, signals_of
from rewards.claims import abuse_limits
from rewards.claims.service import NotAvailable, claim_reward
from rewards.issuing.voiding import void_reward
from rewards.models import ClaimFingerprint, ClaimOverride, Reward
from tests import make
from tests.redemption.claim.test_pages import open_page, without_signatures

FIXED = "This reward is not available."


def claim_on(client, reward, customer=None) -> str:
    """Sign in at this browser, claim, sign out: the page after the claim."""
    customer = customer or make.customer()
    client.post(reverse("account_login"), {"login": customer.email, "password": make.PASSWORD})
    text = client.post(open_page(client, reward) + "claim/", follow=True).text
    client.post(reverse("account_logout"))
    return text


@pytest.mark.slow
def test_five_accounts_on_one_device_are_too_many(client, campaign):
    said = [claim_on(client, make.reward(campaign)) for _number in range(5)]

    assert ["It is yours." in text for text in said] == [True, True, True, False, False]
    assert [FIXED in text for text in said] == [False, False, False, True, True]
    assert Reward.objects.exclude(customer=None).count() == 3
    assert ClaimFingerprint.objects.filter(kind="device").count() == 3


@pytest.mark.slow
def test_another_device_is_another_matter(client, campaign):
    for _number in range(3):
        claim_on(client, make.reward(campaign))

    assert "It is yours." in claim_on(Client(), make.reward(campaign))


def test_the_device_is_not_the_sessions_key_and_outlives_it(client, customer):
    client.force_login(customer)
    client.post(open_page(client, make.reward(make.campaign())) + "claim/")
    device, key = client.session[DEVICE], client.session.session_key

    client.post(reverse("account_logout"))
    after = (client.session[DEVICE], client.session.session_key)
    client.post(reverse("account_login"), {"login": make.customer().email, "password": make.PASSWORD})

    assert after[0] == device and after[1] != key
    assert client.session[DEVICE] == device
    assert set(client.cookies) <= {"sessionid", "csrftoken", "messages"}


def claim(reward, customer, now, **signals) -> bool:
    try:
        claim_reward(reward, customer=customer, signals=signals, now=now)
    except RuleViolation:
        return False
    return True


def test_a_customer_has_so_many_rewards_of_one_campaign(campaign, customer, now):
    results = [claim(make.reward(campaign), customer, now) for _number in range(6)]

    assert results == [True] * 5 + [False]
    assert claim(make.reward(make.campaign()), customer, now)


def test_a_campaign_that_promises_more_to_one_user_keeps_its_word(customer, now):
    campaign = make.campaign(per_user_limit=7)

    assert [claim(make.reward(campaign), customer, now) for _number in range(8)] == [True] * 7 + [False]


def test_operators_set_limits_for_all_and_for_one_campaign(campaign, now):
    other = make.campaign()
    ClaimLimits.objects.create(accounts_per_device=1, accounts_per_network=0)
    ClaimLimits.objects.create(campaign=other, accounts_per_device=0)

    one = [claim(make.reward(campaign), make.customer(), now, device="d", network="n") for _number in range(2)]
    two = [claim(make.reward(other), make.customer(), now, device="d", network="n") for _number in range(4)]

    assert (one, two) == ([True, False], [True] * 4)
    assert claim_limits_of(campaign) == Limits(accounts_per_device=1, accounts_per_network=0)
    assert not ClaimFingerprint.objects.filter(kind="network").exists()  # what is not limited is not kept


def test_the_same_customer_again_is_no_new_account(campaign, now):
    customers = [make.customer() for _number in range(3)]
    for customer in customers:
        claim(make.reward(campaign), customer, now, device="d")

    assert claim(make.reward(campaign), customers[0], now, device="d")
    assert not claim(make.reward(campaign), make.customer(), now, device="d")


def test_of_a_claim_nothing_but_digests_of_its_campaign_is_kept(customer, now):
    for campaign in (make.campaign(), make.campaign()):
        claim(make.reward(campaign), customer, now, device="my device", network="203.0.113.7 Firefox")

    kept = list(ClaimFingerprint.objects.values_list("kind", "digest"))
    assert len(set(kept)) == 4
    assert all(re.fullmatch("[0-9a-f]{64}", digest) for _kind, digest in kept)


def test_traces_go_with_the_window(campaign, now, monkeypatch):
    monkeypatch.setattr(abuse_limits, "BATCH", 1)
    for customer in (make.customer(), make.customer()):
        claim(make.reward(campaign), customer, now, device="d")

    assert abuse_limits.delete_old_fingerprints(now=campaign.rewards_expire_at - dt.timedelta(seconds=1)) == 0
    assert abuse_limits.delete_old_fingerprints(now=campaign.rewards_expire_at) == 2


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:7:1::9", "2001:db8:7:1::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_a_network_is_an_address_or_a_households_share(address, network):
    assert network_of(address) == network


def test_whose_network_is_not_known_shares_it_with_nobody(rf):
    request = rf.get("/", REMOTE_ADDR="", HTTP_USER_AGENT="Firefox")
    request.session = {DEVICE: "d"}

    assert signals_of(request) == {"device": "d", "network": ""}


def test_an_address_is_the_same_however_it_is_spelled():
    home = make.PORTLAND

    assert address_signal(home) == address_signal(replace(home, street="1  HARBOR street.", recipient="Sam"))
    assert address_signal(home) != address_signal(replace(home, street="11 Harbor Street"))
    assert address_signal(replace(home, street="")) == ""


@pytest.mark.slow
def test_so_many_accounts_have_things_sent_to_one_address(now):
    product = make.product(stock_units=20)
    campaign = make.campaign(products=[product])
    rewards = [make.reward(campaign, claimed_by=make.customer()) for _number in range(6)]
    for reward in rewards[:5]:
        place_order(reward, customer=reward.customer, product=product, address=make.PORTLAND, now=now)

    with pytest.raises(NotAvailable) as refused:
        place_order(rewards[5], customer=rewards[5].customer, product=product, address=make.PORTLAND, now=now)

    assert (refused.value.message, refused.value.excess) == (FIXED, [abuse_limits.LimitExceeded("address", 5, 5)])
    product.refresh_from_db()
    rewards[5].refresh_from_db()
    assert (product.stock, rewards[5].status, Order.objects.count()) == (15, "claimed", 5)


def refusals(campaign, now) -> dict[str, Reward]:
    """A reward for each reason to be refused on a device where three accounts claimed before."""
    made = {name: make.reward(campaign) for name in ("too many", "taken", "voided")}
    claim_reward(made["taken"], customer=make.customer(), now=now)
    void_reward(made["voided"], now=now)
    return made


@pytest.mark.slow
def test_every_refusal_reads_alike(client, campaign, now):
    for _number in range(3):
        claim_on(client, make.reward(campaign))
    customer = make.customer()
    client.force_login(customer)

    client.get("/my/rewards/")  # what was said before is said there
    answers = {}
    for name, reward in refusals(campaign, now).items():
        page = open_page(client, reward)
        answer = client.post(page + "claim/")
        text = without_signatures(client.get(page).text.replace(page.split("/")[2], "HANDLE"))
        answers[name] = (answer.status_code, answer["Location"].replace(page.split("/")[2], "HANDLE"), text)

    assert len(set(answers.values())) == 1
    assert FIXED.rstrip(".") in text and "Ask us" in text and "Claim reward" not in text
    assert "Sign out and use another account" in text and "My rewards" in text
    assert not Reward.objects.filter(customer=customer).exists()


def test_whoever_was_not_refused_sees_no_way_to_appeal(client, reward, customer):
    client.force_login(customer)
    page = open_page(client, reward)

    assert "Ask us" not in client.get(page).text
    assert client.get(page + "appeal/")["Location"] == page
    assert client.post(page + "appeal/", {"text": "Please."})["Location"] == page
    assert client.get("/reward/made-up-handle/appeal/").status_code == 404
    assert not Appeal.objects.exists()


@pytest.fixture
def refused(client, campaign, customer, now):
    """(page, reward) of a customer who came too late on a shared device."""
    for _number in range(3):
        claim_on(client, make.reward(campaign))
    reward = make.reward(campaign)
    client.force_login(customer)
    page = open_page(client, reward)
    client.post(page + "claim/")
    return page, reward


@pytest.mark.slow
def test_an_appeal_reaches_an_operator_who_sees_why_and_allows_the_claim(client, refused, customer, now):
    page, reward = refused
    operator, seen = make.operator(), "We are four at home.\x07"

    asked = client.post(page + "appeal/", {"text": seen}, follow=True)
    appeal = Appeal.objects.get()
    mail = Mail.objects.get(subject__startswith="Appeal")
    client.force_login(operator)
    answering = f"/admin/redemption/appeal/{appeal.pk}/answer/"
    assert "four at home" not in client.get(answering).text
    shown = client.post(answering, {"access_reason": "An appeal"}, follow=True).text
    client.post(answering, {"allow": "1", "answer": "Welcome."})

    assert "The answer comes by mail" in asked.text and "We are four at home." in asked.text
    assert f"/admin/redemption/appeal/{appeal.pk}/" in mail.text and "four" not in mail.text
    assert "3 other accounts claimed on this device; the limit is 3." in shown
    answer = Mail.objects.get(kind="appeal_answered")
    assert (answer.to_email, answer.user) == (customer.email, customer)
    client.force_login(customer)
    page = open_page(client, reward)
    assert "It is yours." in client.post(page + "claim/", follow=True).text
    assert Reward.objects.get(pk=reward.pk).customer == customer
    assert claim(make.reward(reward.campaign), make.customer(), now, device="other") is not False


@pytest.mark.slow
def test_a_declined_appeal_says_why_and_changes_nothing_else(client, refused, customer, now):
    page, reward = refused
    client.post(page + "appeal/", {"text": "Please."})
    appeal = Appeal.objects.get()

    with pytest.raises(RuleViolation, match="Say why"):
        appeals.decline_appeal(appeal, by=make.operator(), answer=" ", now=now)
    appeals.decline_appeal(appeal, by=make.operator(), answer="These accounts are one person's.", now=now)

    assert "These accounts are one person" in client.get(page + "appeal/").text
    assert FIXED in client.post(page + "claim/", follow=True).text
    assert (ClaimOverride.objects.count(), Reward.objects.get(pk=reward.pk).status) == (0, "issued")
    with pytest.raises(RuleViolation):
        appeals.allow_appeal(appeal, by=make.operator(), now=now)


@pytest.mark.slow
def test_what_nobody_could_claim_cannot_be_allowed(client, refused, customer, now):
    page, reward = refused
    client.post(page + "appeal/", {"text": "Please."})
    claim_reward(reward, customer=make.customer(), now=now)

    with pytest.raises(RuleViolation, match="Another account"):
        appeals.allow_appeal(Appeal.objects.get(), by=make.operator(), now=now)

    assert Appeal.objects.get().status == "open"
    assert not Mail.objects.filter(kind="appeal_answered").exists()


@pytest.mark.slow
@pytest.mark.parametrize("text", ["", " ", "x" * 2001, "nul \x00"])
def test_a_bad_appeal_is_told_so_and_keeps_what_was_typed(client, refused, text):
    page, _reward = refused

    answer = client.post(page + "appeal/", {"text": text})

    assert answer.status_code == 200 and "error" in answer.text
    assert not Appeal.objects.exists()


def test_whoever_is_erased_leaves_no_appeal(customer, campaign, now):
    reward = make.reward(campaign)
    erase_customer(customer, now=now)

    with pytest.raises(RuleViolation, match="was erased"):
        appeals.open_appeal(reward, customer=customer, text="I am Kim.", found=[], now=now)

    assert not Appeal.objects.exists()


def test_one_appeal_is_open_and_three_are_made_a_day(customer, campaign, now):
    rewards = [make.reward(campaign) for _number in range(4)]
    asked = {"customer": customer, "text": "Please.", "found": [], "now": now}

    twice = [appeals.open_appeal(rewards[0], **asked).pk for _time in range(2)]
    for reward in rewards[1:3]:
        appeals.open_appeal(reward, **asked)
    with pytest.raises(RuleViolation, match="You have asked us 3 times today"):
        appeals.open_appeal(rewards[3], **asked)

    assert len(set(twice)) == 1
    assert (Appeal.objects.count(), Mail.objects.filter(subject__startswith="Appeal").count()) == (3, 3)


@pytest.mark.parametrize("is_allowed", [True, False])
def test_the_answer_is_mailed_in_words(customer, reward, now, is_allowed):
    appeal = appeals.open_appeal(reward, customer=customer, text="Please.", found=[], now=now)
    act = appeals.allow_appeal if is_allowed else appeals.decline_appeal
    act(appeal, by=make.operator(), answer="Because.", now=now)

    mail = render_mail(Mail.objects.get(kind="appeal_answered"))

    assert mail.subject == ("You can claim your reward" if is_allowed else "Our answer about your reward")
    assert "Because." in mail.text and "Because." in mail.html
    assert ("Claim it here" in mail.text) == is_allowed and "/r/" in mail.text


@pytest.mark.slow
def test_the_expired_are_told_the_same(client, refused, now):
    page, reward = refused
    Campaign.objects.filter(pk=reward.campaign_id).update(rewards_expire_at=now)

    assert FIXED in client.post(page + "claim/", follow=True).text


@pytest.mark.slow
def test_operators_pages_of_limits_and_appeals(client, refused):
    page, _reward = refused
    client.post(page + "appeal/", {"text": "Please."})
    client.force_login(make.operator())

    assert "3 other accounts claimed on this device" in client.get("/admin/redemption/appeal/").text
    assert client.get(f"/admin/redemption/appeal/{Appeal.objects.get().pk}/change/").status_code == 200
    assert "Where nothing is entered anywhere: 3." in client.get("/admin/campaigns/claimlimits/add/").text
    client.post("/admin/campaigns/claimlimits/add/", {"accounts_per_device": 4})
    assert ClaimLimits.objects.get().accounts_per_device == 4
    assert client.post("/admin/campaigns/claimlimits/add/", {"accounts_per_device": 9}).status_code == 200
