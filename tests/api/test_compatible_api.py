"""The compatible face, over HTTP as a client of the original calls it."""

import json
import uuid

import pytest

from accounts.models import ApiKey, App
from accounts.organizations.service import revoke_api_key, roll_api_key
from campaigns.models import GroupProduct
from catalog.models import Product
from moments import clock
from rewards.models import Reward
from tests import make

ALL_FIELDS = {
    "rewardNotificationText",
    "termsUrl",
    "rewardNotificationUrl",
    "rewardImageUrl",
    "remainingRewardCount",
    "campaignEndDate",
    "rewardId",
    "rewardExpiresAt",
    "retailValue",
    "currency",
    "testMode",
}


@pytest.fixture(autouse=True)
def fast(settings):
    settings.API_RATE = "1000/s"


@pytest.fixture
def call(client, campaign):
    """``call("GetReward", deviceType="iOS")`` → (status, JSON) with the campaign's own ids and a live key."""
    secret = make.api_key(campaign.app)

    def act(name="GetReward", *, key=secret, headers=None, method="post", raw=None, of=campaign, **changes):
        body = {
            "appId": str(of.app_id),
            "campaignId": str(of.pk),
            "momentId": of.moments.first().key,
            "rewardGroupId": "US",
            "deviceType": "Android",
            **changes,
        }
        body = {name: value for name, value in body.items() if value is not None}
        data = raw if raw is not None else json.dumps(body)
        extra = {"x-api-key": key, **(headers or {})} if key else headers or {}
        answer = getattr(client, method)(f"/prod/{name}", data, content_type="application/json", headers=extra)
        return answer.status_code, answer.json()

    return act


def test_a_look_shows_everything_and_consumes_nothing(call, campaign):
    status, answer = call("GetRewardInfo")

    assert status == 200
    assert set(answer) == ALL_FIELDS
    assert answer["rewardNotificationText"] == campaign.announcement_message
    assert answer["rewardNotificationUrl"] is None
    assert (answer["retailValue"], answer["currency"], answer["testMode"]) == ("25.00", "USD", False)
    assert answer["remainingRewardCount"] == 181
    assert answer["campaignEndDate"].endswith("Z")
    assert Reward.objects.count() == 0


def test_an_issue_answers_with_a_url_of_its_own(call, campaign):
    status, answer = call("GetReward")

    assert status == 200
    assert set(answer) == ALL_FIELDS
    assert answer["rewardNotificationText"] == campaign.redemption_message
    assert "/r/" in answer["rewardNotificationUrl"]
    assert answer["rewardId"] == str(Reward.objects.get().pk)
    assert answer["remainingRewardCount"] == 180
    assert call("GetReward")[1]["rewardNotificationUrl"] != answer["rewardNotificationUrl"]


@pytest.mark.parametrize("name", ["getReward", "getRewardInfo"])
def test_lower_camel_spellings_work(call, name):
    assert call(name)[0] == 200


@pytest.mark.parametrize("device", ["android", "IOS", "Fire OS", "fire_os", "FireOS", "WEB"])
def test_devices_are_read_in_any_spelling(call, device):
    assert call(deviceType=device)[0] == 200


@pytest.mark.parametrize("key", [None, "", "mk_live_wrong", "x" * 500])
def test_without_a_good_key_the_gateway_answers_403(call, key):
    assert call(key=key) == (403, {"message": "Forbidden"})


@pytest.mark.parametrize(
    ("name", "method"), [("GetNothing", "post"), ("", "post"), ("GetReward", "put"), ("GETREWARD", "post")]
)
def test_an_unknown_path_answers_as_the_original_gateway(call, name, method):
    assert call(name, method=method) == (403, {"message": "Missing Authentication Token"})


def test_a_revoked_key_stops_at_once_and_a_rolled_one_works_on(call, campaign):
    app, user, now = campaign.app, campaign.created_by, clock.now()
    secret = make.api_key(app)
    key = ApiKey.objects.order_by("pk").last()
    _new, new_secret = roll_api_key(key, by=user, now=now)

    assert call(key=secret)[0] == call(key=new_secret)[0] == 200

    revoke_api_key(key, by=user, now=now)
    assert call(key=secret)[0] == 403


def test_the_allowlist_names_who_may_call(call, campaign):
    App.objects.filter(pk=campaign.app_id).update(ip_allowlist=["203.0.113.0/24"])

    assert call() == (403, {"message": "Forbidden"})
    assert call(headers={"X-Forwarded-For": "203.0.113.9"})[0] == 403  # nobody vouches for it

    App.objects.filter(pk=campaign.app_id).update(ip_allowlist=["127.0.0.0/8"])
    assert call()[0] == 200


def test_forwarded_addresses_count_from_trusted_proxies_only(call, campaign, settings):
    App.objects.filter(pk=campaign.app_id).update(ip_allowlist=["203.0.113.0/24"])
    settings.TRUSTED_PROXIES = ["127.0.0.1"]

    assert call(headers={"X-Forwarded-For": "203.0.113.9"})[0] == 200
    assert call(headers={"X-Forwarded-For": "203.0.113.9, 198.51.100.1"})[0] == 403


@pytest.mark.slow
@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"appId": str(uuid.uuid4())}, 404, "unknown_app"),
        ({"appId": "no uuid"}, 404, "unknown_app"),
        ({"campaignId": str(uuid.uuid4())}, 404, "unknown_campaign"),
        ({"momentId": "Nothing"}, 404, "unknown_moment"),
        ({"rewardGroupId": "DE"}, 404, "unknown_reward_group"),
        ({"deviceType": "Toaster"}, 400, "unknown_device_type"),
        ({"momentId": None}, 400, "invalid_request"),
        ({"momentId": 5}, 400, "invalid_request"),
        ({"userId": "x" * 129}, 400, "invalid_request"),
        ({"userId": "nul\x00"}, 400, "invalid_request"),
        ({"idempotencyKey": "x" * 256}, 400, "invalid_request"),
        ({"headers": {"Idempotency-Key": "x" * 256}}, 400, "invalid_request"),
        ({"userId": ""}, 400, "invalid_request"),
        ({"userId": " \t"}, 400, "invalid_request"),
        ({"idempotencyKey": ""}, 400, "invalid_request"),
        ({"idempotencyKey": " "}, 400, "invalid_request"),
        ({"headers": {"Idempotency-Key": ""}}, 400, "invalid_request"),
        ({"idempotencyKey": "a", "headers": {"Idempotency-Key": "b"}}, 400, "invalid_request"),
        ({"idempotencyKey": "", "headers": {"Idempotency-Key": "b"}}, 400, "invalid_request"),
        ({"momentId": ""}, 404, "unknown_moment"),
        ({"rewardGroupId": ""}, 404, "unknown_reward_group"),
        ({"raw": "{"}, 400, "invalid_request"),
        ({"raw": "[]"}, 400, "invalid_request"),
        ({"raw": b"\xff\xfe"}, 400, "invalid_request"),
        ({"raw": "[" * 30_000}, 400, "invalid_request"),
    ],
)
@pytest.mark.parametrize("name", ["GetReward", "GetRewardInfo"])
def test_bad_input_is_refused_with_a_code_and_a_sentence(call, name, changes, status, code):
    found, answer = call(name, **changes)

    assert (found, answer["errorCode"]) == (status, code)
    assert answer["rewardNotificationText"]
    assert Reward.objects.count() == 0


def test_unknown_members_are_ignored(call):
    assert call(color="blue")[0] == 200


def test_a_body_over_64_kib_is_refused(call):
    status, answer = call(raw=json.dumps({"x": "y" * 70_000}))

    assert (status, answer["errorCode"]) == (413, "invalid_request")
    assert "65536 are allowed" in answer["rewardNotificationText"]


def test_a_key_in_body_and_header_makes_repeats_safe(call):
    first = call(idempotencyKey="k")[1]
    again = call(headers={"Idempotency-Key": "k"})[1]

    assert again["rewardNotificationUrl"] == first["rewardNotificationUrl"]
    status, answer = call(idempotencyKey="k", deviceType="Web")
    assert (status, answer["errorCode"]) == (422, "invalid_request")
    assert Reward.objects.count() == 1


def test_an_app_may_ask_for_the_originals_answer_to_what_is_missing(call, campaign):
    App.objects.filter(pk=campaign.app_id).update(legacy_missing_reward=True)

    assert call(momentId="Nothing") == (200, [])
    assert call(deviceType="Toaster")[0] == 400


def test_a_test_key_charges_nothing_and_forces_refusals(call, campaign):
    secret = make.api_key(campaign.app, ApiKey.Mode.TEST)

    first, second = call(key=secret)[1], call(key=secret)[1]
    status, refused = call(key=secret, userId="moments-test-campaign_month_cap_reached")

    assert first["testMode"] and first["rewardNotificationUrl"] == second["rewardNotificationUrl"]
    assert (status, refused["errorCode"]) == (409, "campaign_month_cap_reached")
    assert Reward.objects.count() == 0


def test_magic_user_ids_mean_nothing_to_a_live_key(call):
    assert call(userId="moments-test-campaign_finished")[0] == 200


def test_a_strangers_campaign_is_as_unknown_as_one_that_is_not(call):
    theirs = make.campaign()

    assert call(campaignId=str(theirs.pk)) == call(campaignId=str(uuid.uuid4()))


def test_a_suspended_campaign_says_so(client, call):
    paused = make.campaign("suspended")
    secret = make.api_key(paused.app)

    for name in ("GetReward", "GetRewardInfo"):
        status, answer = call(name, key=secret, of=paused)
        assert (status, answer["errorCode"]) == (409, "campaign_suspended")


def test_too_many_calls_are_told_when_to_come_back(call, client, campaign, settings):
    settings.API_RATE = "2/s"

    answers = [call()[0] for _time in range(6)]

    assert answers.count(200) == 4  # a burst of twice the rate
    assert call() == (429, {"message": "Too Many Requests"})


def test_answers_carry_the_rate_limit_and_no_cookie(client, campaign):
    secret = make.api_key(campaign.app)

    answer = client.post("/prod/GetReward", "{}", content_type="application/json", headers={"x-api-key": secret})

    assert answer["RateLimit-Policy"] == '"key";q=2000;w=2'
    assert answer["RateLimit"].startswith('"key";r=1999;t=')
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


def test_an_app_may_have_a_rate_of_its_own(call, campaign):
    App.objects.filter(pk=campaign.app_id).update(rate_per_second=1)

    assert [call()[0] for _time in range(3)] == [200, 200, 429]


def test_without_redis_each_process_allows_half(call, settings, monkeypatch):
    from moments.integrations import rate_limits

    settings.API_RATE = "2/s"
    settings.REDIS_URL = "unix:///nowhere/redis.sock?db=0"
    monkeypatch.setattr(rate_limits, "_local", type(rate_limits._local)())

    assert [call()[0] for _time in range(4)] == [200, 200, 429, 429]


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("de-DE", "de-DE"),
        ("ja_JP@calendar=japanese", "ja_JP"),
        ("ja_JP@rg=uszzzz", "ja_JP"),
        ("en_US.UTF-8", "en_US"),
        ("zh-Hans-CN-x-private-use-of-ours", "zh-Hans-CN-x-private"),
        ("x" * 500, ""),
        ("english please", ""),
        ("d\x00e", ""),
        ("", ""),
        (5, ""),
        (["de"], ""),
        ({"language": "de"}, ""),
    ],
)
def test_a_locale_is_a_hint_and_never_costs_the_reward(call, sent, kept):
    for name in ("GetRewardInfo", "GetReward"):
        status, answer = call(name, locale=sent)
        assert status == 200, answer

    assert Reward.objects.get().locale == kept


def test_a_repeat_with_another_locale_is_the_same_request(call):
    first = call(locale="de", idempotencyKey="once")
    again = call(locale="ja_JP@calendar=japanese", idempotencyKey="once")

    assert first[0] == again[0] == 200 and first[1]["rewardId"] == again[1]["rewardId"]
    assert Reward.objects.get().locale == "de"


def test_the_image_is_the_picture_of_the_only_product_else_the_banner(call, campaign):
    group = campaign.groups.get()
    product = group.choices.get().product
    banner = f"http://testserver/media/{campaign.banner.image.name}" if campaign.banner else None

    def images() -> set[str | None]:
        return {call(name)[1]["rewardImageUrl"] for name in ("GetRewardInfo", "GetReward")}

    assert images() == {banner}, "the product has no picture"
    Product.objects.filter(pk=product.pk).update(picture="products/lamp.png")
    assert images() == {"http://testserver/media/products/lamp.png"}
    assert call("GetReward", key=make.api_key(campaign.app, ApiKey.Mode.TEST))[1]["rewardImageUrl"].endswith("lamp.png")

    GroupProduct.objects.create(group=group, product=make.product(2600), position=2)
    assert images() == {banner}, "two to choose from"


def test_a_repeat_under_another_token_key_fails_instead_of_returning_a_dead_url(call, campaign, settings, caplog):
    first = call("GetReward", idempotencyKey="level-7")[1]
    assert call("GetReward", idempotencyKey="level-7")[1] == first
    version, right = max(settings.TOKEN_KEYS), settings.TOKEN_KEYS

    for wrong, named in (({version: "o" * 40}, "has the fingerprint"), ({version + 1: "o" * 40}, "is missing")):
        settings.TOKEN_KEYS = wrong
        caplog.clear()
        status, answer = call("GetReward", idempotencyKey="level-7")

        assert (status, answer["errorCode"]) == (500, "internal_error")
        assert "/r/" not in str(answer)
        assert f"version {version} of MOMENTS_TOKEN_KEYS {named}" in caplog.text and "o" * 40 not in caplog.text

    settings.TOKEN_KEYS = right
    assert call("GetReward", idempotencyKey="level-7")[1] == first
    assert Reward.objects.count() == 1
