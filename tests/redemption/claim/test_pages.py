"""The reward's pages through the client."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse

from campaigns.approval.transitions import take_down
from campaigns.models import Campaign
from catalog.stock import add_size, receive_units
from moments import clock
from redemption.models import Order
from redemption.session import reward_session
from redemption.shipping.substitution import report_missing, substitute_out_of_stock
from rewards.claims.service import claim_reward
from rewards.issuing.service import reward_link
from rewards.issuing.tokens import preview_token
from rewards.issuing.voiding import void_reward
from rewards.models import Reward
from tests import make


def path_of(reward) -> str:
    return reward_link(reward).removeprefix("http://testserver")


def open_page(client, reward) -> str:
    """The path that the link leads to."""
    answer = client.get(path_of(reward))
    assert answer.status_code == 303
    return answer["Location"]


def test_the_link_leads_to_a_path_without_the_token(client, reward):
    answer = client.get(path_of(reward))

    token = path_of(reward).split("/")[2]
    assert answer.status_code == 303
    assert token not in answer["Location"]
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("no-store, private", "no-referrer")
    assert "noindex" in answer["X-Robots-Tag"]


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_changes_nothing(client, reward, customer, method):
    client.force_login(customer)

    page = open_page(client, reward)
    getattr(client, method)(page)
    client.get(page + "claim/")

    reward.refresh_from_db()
    assert (reward.status, reward.customer) == ("issued", None)


@pytest.mark.parametrize("token", ["x", "x" * 32, "preview-x", "preview-" + "0" * 32 + "-x", "a" * 400])
def test_an_unknown_token_gets_a_kind_page(client, db, token):
    answer = client.get(f"/r/{token}/")

    assert answer.status_code == 404
    assert "no reward behind this link" in answer.text


def test_the_page_tells_nothing_of_the_rewards_state(client, campaign, customer, now):
    """Issued, claimed, redeemed and voided look the same to whoever holds the link."""
    rewards = [make.reward(campaign) for _number in range(4)]
    claim_reward(rewards[1], customer=customer, now=now)
    make.order(rewards[2], by=make.customer())
    void_reward(rewards[3], now=now)

    pages = []
    for reward in rewards:
        page = open_page(client, reward)
        text = client.get(page).text.replace(page.split("/")[2], "HANDLE")
        pages.append(without_signatures(text))

    assert len(set(pages)) == 1


def without_signatures(text: str) -> str:
    import re

    return re.sub(r"(next=)[^\"]+|nonce=\"[^\"]+\"|((?:csrfmiddlewaretoken|next)\" value=)\"[^\"]+\"", r"\1\2", text)


def test_a_handle_is_worth_nothing_in_another_browser(client, reward):
    page = open_page(client, reward)

    elsewhere = Client()
    elsewhere.cookies["sessionid"] = "x" * 32
    assert elsewhere.get(page).status_code == 404
    for part in ("claim/", "items/1/", "items/1/address/", "appeal/"):
        assert Client().get(page + part).status_code in {302, 404, 405}


def test_a_browser_without_cookies_is_told_so_on_a_page_of_the_campaign(reward):
    link = client_without_cookies().get(reward_link(reward))

    page = client_without_cookies().get(link["Location"])

    assert page.status_code == 200
    assert "Allow cookies to open your reward" in page.text
    assert reward.campaign.banner.image.url in page.text and "help@example.com" in page.text
    assert "Claim" not in page.text
    forged = link["Location"].replace(link["Location"].split("/")[2][:6], "AAAAAA")
    assert client_without_cookies().get(forged).status_code == 404


def client_without_cookies():
    return Client()


@pytest.mark.parametrize(
    "behind", [".", ")", "/%20", "/>", "%20", "/.", ",", "%22", "/?x=1", "%E2%80%9D", "/x/y", "abc"]
)
def test_a_link_pasted_with_more_behind_it_opens_all_the_same(client, reward, behind):
    answer = client.get(reward_link(reward).rstrip("/") + behind, follow=False)

    assert answer.status_code == 303 and answer["Location"].startswith("/reward/")


def test_signing_in_leads_back_in_any_browser(client, reward):
    page = open_page(client, reward)
    link = client.get(page).context["sign_in"]

    back = link.partition("next=")[2].replace("%2F", "/").replace("%3A", ":")
    elsewhere = Client().get(back)

    assert elsewhere.status_code == 303 and elsewhere["Location"].startswith("/reward/")
    assert path_of(reward).split("/")[2] not in link


def test_the_way_back_holds_for_a_day(client, reward, time_machine):
    page = open_page(client, reward)
    request = client.get(page).wsgi_request
    back = reward_session.return_path(request, page.split("/")[2])

    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(hours=25))

    assert client.get(back).status_code == 410
    assert client.get("/r/back/forged/").status_code == 410


@pytest.mark.slow
def test_claim_choose_address_order(client, reward, customer):
    client.force_login(customer)
    page = open_page(client, reward)
    product = reward.group.choices.get().product

    assert client.post(page + "claim/").status_code == 302
    assert "$27.50 promo credit" in client.get(page).text
    address = {"recipient": "Kim", "country": "US", "street": "1 Harbor Street", "city": "Portland"}
    address |= {"region": "OR", "postal_code": "97205"}
    review = client.post(f"{page}items/{product.pk}/address/", address)["Location"]
    assert "$0.00" in client.get(review).text
    order_page = client.post(review)["Location"]

    assert Order.objects.get().number in order_page
    assert "We have your order" in client.get(order_page).text
    assert client.get(page)["Location"] == order_page  # the reward's page is the order's from now on
    assert "1 Harbor Street" not in str(dict(client.session))
    assert client.post(review, follow=True).redirect_chain[-1][0] == order_page  # clicked twice


def test_a_bad_address_keeps_what_was_typed(client, reward, customer, now):
    client.force_login(customer)
    page = open_page(client, reward)
    claim_reward(reward, customer=customer, now=now)
    product = reward.group.choices.get().product

    answer = client.post(
        f"{page}items/{product.pk}/address/",
        {
            "recipient": "Kim",
            "country": "US",
            "street": "1 Harbor Street",
            "city": "Portland",
            "region": "OR",
            "postal_code": "x",
        },
    )

    assert answer.status_code == 200
    assert "“x” is not a postal code of Oregon, United States" in answer.text
    assert "1 Harbor Street" in answer.text


def test_somebody_else_is_told_one_fixed_sentence(client, reward, customer, now):
    claim_reward(reward, customer=customer, now=now)
    client.force_login(make.customer())
    page = open_page(client, reward)

    answer = client.post(page + "claim/", follow=True)

    assert "This reward is not available." in answer.text
    assert client.get(f"{page}items/{reward.group.choices.get().product_id}/address/").status_code == 404


def test_an_expired_link_gets_a_kind_page(client, reward):
    Campaign.objects.filter(pk=reward.campaign_id).update(rewards_expire_at=clock.now())

    page = client.get(open_page(client, reward))

    assert page.status_code == 200
    assert "This reward expired on" in page.text and "Claim reward" not in page.text


def test_nobody_fills_in_an_address_for_what_is_over(client, reward, customer, now):
    claim_reward(reward, customer=customer, now=now)
    client.force_login(customer)
    page = open_page(client, reward)
    address = f"{page}items/{reward.group.choices.get().product_id}/address/"
    void_reward(reward, now=now)

    assert client.get(address)["Location"] == page
    text = client.get(page).text
    assert "This reward is not available" in text and "Claim reward" not in text
    assert "Ask us" in text and reward.campaign.redemption_message not in text


def test_a_campaign_taken_down_keeps_what_it_promised(client, reward, customer, now):
    take_down(reward.campaign, by=None, now=now)
    client.force_login(customer)

    client.post(open_page(client, reward) + "claim/")

    assert Reward.objects.get().status == "claimed"


def test_a_preview_shows_the_page_and_claims_nothing(client, customer):
    campaign = make.campaign("approved")
    client.force_login(customer)

    page = client.get(f"/r/{preview_token(campaign)}/")["Location"]
    answer = client.post(page + "claim/", follow=True)

    assert "This is a preview" in answer.text
    assert Reward.objects.count() == 0


@pytest.mark.slow
def test_the_return_link_is_there_at_all_times_without_a_parameter(client, customer, now):
    campaign = make.campaign(return_link="https://example.com/lantern")
    reward = make.reward(campaign)
    link = '<a href="https://example.com/lantern" rel="noreferrer">'
    client.force_login(customer)
    page = open_page(client, reward)

    before = client.get(page).text
    claim_reward(reward, customer=customer, now=now)
    after = client.get(page).text
    order = make.order(reward, by=customer)

    assert link in before and link in after
    assert link in client.get(reverse("redemption:order", args=[order.number])).text


def test_orders_and_rewards_are_their_customers_alone(client, reward, customer):
    order = make.order(reward, by=customer)
    client.force_login(make.customer())

    assert client.get(f"/orders/{order.number}/").status_code == 404
    assert client.get(f"/my/rewards/{reward.pk}/").status_code == 404
    client.force_login(customer)
    assert order.number in client.get("/my/rewards/").text


@pytest.mark.slow
def test_an_equal_in_sizes_asks_for_one(client, reward, customer, now):
    order, equal = make.order(reward, by=customer), make.product(2500, stock_units=0)
    size = add_size(equal, "L", now=now)
    receive_units(equal, 1, size=size, now=now)
    report_missing(order, by=make.operator(), now=now)
    substitute_out_of_stock(now=now)
    client.force_login(customer)
    page = reverse("redemption:order", args=[order.number])

    for typed in ("", "x", "9" * 30, str(size.pk + 1)):
        answer = client.post(page + "substitution/", {"accept": "1", "size": typed}, follow=True)
        assert "Choose a size of" in answer.text
    assert Order.objects.get().status == "waiting"
    client.post(page + "substitution/", {})  # says neither
    assert Order.objects.get().status == "waiting"
    client.post(page + "substitution/", {"accept": "1", "size": size.pk})

    assert "Size L" in client.get(page).text
    again = client.post(page + "substitution/", {"accept": "1", "size": size.pk})  # clicked twice
    assert again["Location"] == page


def test_no_page_of_a_reward_asks_another_host_for_anything(client, reward):
    import re

    text = client.get(open_page(client, reward)).text

    assert not re.findall(r"(?:src|srcset|action)=\"(?:https?:)?//", text)
