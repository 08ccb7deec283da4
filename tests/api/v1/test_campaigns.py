"""Campaigns over HTTP: what an app may issue."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import ApiKey
from campaigns.models import Campaign
from tests import make


def test_a_campaign_is_shown_with_what_it_offers_and_what_remains(call, campaign):
    make.reward(campaign, app_user_id="ada")
    moment, group = campaign.moments.get(), campaign.groups.get()
    product = group.choices.get().product

    shown = call(f"campaigns/{campaign.pk}").json()

    assert (shown["id"], shown["name"], shown["status"]) == (str(campaign.pk), campaign.name, "live")
    assert (shown["kind"], shown["per_user_limit"], shown["terms"]) == ("challenge", 1, "One each.")
    assert shown["redemption_message"] == "You reached level 10." and str(campaign.pk) in shown["terms_url"]
    assert shown["banner_alt"] == "A present" and "/media/banners/" in shown["banner_url"]
    assert shown["starts_at"].endswith("Z") and shown["rewards_expire_at"] > shown["ends_at"]
    offer = {"group": group.key, "charge": "27.50", "currency": "USD", "remaining": (500_000 - 2750) // 2750}
    assert shown["moments"] == [{"key": moment.key, "description": moment.description, "rewards": [offer]}]
    [offered] = shown["groups"]
    assert (offered["key"], offered["retail_value"], offered["retail_currency"]) == (group.key, "25.00", "USD")
    assert [(row["id"], row["title"]) for row in offered["products"]] == [(product.pk, product.title)]
    assert "stock" not in str(shown)


def test_a_category_has_no_products(call, campaign):
    category = make.campaign(of=campaign.organization.members.get(), slug="books")
    key = make.api_key(category.app)

    [group] = call(f"campaigns/{category.pk}", key=key).json()["groups"]

    assert (group["kind"], group["category"], group["products"]) == ("category", "Books", [])


def test_campaigns_are_listed_in_pages_and_by_status(call, campaign):
    member = campaign.organization.members.get()
    made = [make.campaign(status, of=member) for status in ("draft", "approved", "live", "finished")]
    Campaign.objects.filter(pk__in=[one.pk for one in made]).update(app=campaign.app)
    archived, expected = made[0], [*reversed(made[1:]), campaign]
    Campaign.objects.filter(pk=archived.pk).update(archived_at=archived.created_at)
    order = list(Campaign.objects.filter(pk__in=[one.pk for one in expected]).order_by("-created_at", "-pk"))

    found, cursor = [], ""
    while True:
        page = call(f"campaigns?limit=3{cursor}").json()
        found += page["data"]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"

    assert [row["id"] for row in found] == [str(one.pk) for one in order]
    assert {row["id"] for row in call("campaigns?status=live").json()["data"]} == {str(campaign.pk), str(made[2].pk)}
    assert call("campaigns?status=redeemed").status_code == 422


@pytest.mark.parametrize("cursor", ["x", "1", "5f0f2b8e-4f0a-4c8e-9a64-0f6f0c1f5f10", "%00"])
def test_a_cursor_that_is_none_is_refused(call, campaign, cursor):
    answer = call(f"campaigns?cursor={cursor}")

    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_request")


@pytest.mark.parametrize("limit", ["0", "201", "x"])
def test_a_bad_limit_is_refused(call, campaign, limit):
    assert call(f"campaigns?limit={limit}").status_code == 422


def test_a_campaign_of_another_app_is_not_found(call, campaign):
    member = campaign.organization.members.get()
    others = [make.campaign(), make.campaign(of=member)]

    for pk in [*(other.pk for other in others), "nothing"]:
        answer = call(f"campaigns/{pk}")
        assert (answer.status_code, answer.json()["code"]) == (404, "unknown_campaign")
    assert [row["id"] for row in call("campaigns").json()["data"]] == [str(campaign.pk)]


def test_a_test_key_sees_the_same(call, campaign):
    key = make.api_key(campaign.app, ApiKey.Mode.TEST)

    assert call("campaigns", key=key).json() == call("campaigns").json()


@pytest.mark.slow
def test_a_list_takes_as_many_queries_as_one_campaign(call, campaign):
    member = campaign.organization.members.get()
    call("campaigns")  # notes when the key was used
    with CaptureQueriesContext(connection) as few:
        call("campaigns")
    for _time in range(3):
        make.campaign(of=member)
    Campaign.objects.update(app=campaign.app)

    with CaptureQueriesContext(connection) as many:
        assert len(call("campaigns").json()["data"]) == 4

    assert len(many) == len(few)
