"""Cost per action, expiry, budgets, reward groups, banners."""

import datetime as dt
import io
import random
import resource
from decimal import Decimal
from fractions import Fraction

import pytest
from django.db import IntegrityError, connection, transaction
from PIL import Image

from campaigns.approval.expiry import expiry_instant
from campaigns.budget import limits, spending
from campaigns.budget.budget_alerts import send_budget_alerts
from campaigns.models import Banner, Campaign, GroupProduct, RewardGroup
from campaigns.setup import service as setup
from campaigns.setup.banners import read_banner, save_banner
from campaigns.setup.cpa import credit_per_cent, suggest_cpa, usd_cents
from campaigns.setup.moment_costs import pairs_of
from catalog.models import Marketplace
from moments.errors import RuleViolation
from moments.money import apply_rate
from outbox.models import Mail
from rewards.issuing.service import issue_reward
from tests import make


def test_a_disk_that_takes_no_more_refuses_a_banner_and_leaves_nothing_behind(member, now, settings, tmp_path):
    """The process may write files of 2 KB only: a real write that fails half way."""
    settings.MEDIA_ROOT = tmp_path
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    data = make.banner_bytes()
    resource.setrlimit(resource.RLIMIT_FSIZE, (2048, hard))
    try:
        with pytest.raises(RuleViolation) as caught:
            save_banner(member.organization, data, by=member.user, now=now)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    assert caught.value.code == "not_stored"
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not Banner.objects.exists()


def group_of(*products, store="US"):
    campaign = make.campaign("draft", products=list(products), store=store)
    return campaign.groups.get()


# Cost per action


def test_a_25_dollar_item_at_10_percent_costs_27_50(db, now):
    found = suggest_cpa(group_of(make.product(2500)), now=now)

    assert (found.item_cents, found.tax_cents, found.shipping_cents, found.usd_cents) == (2500, 250, 0, 2750)


def test_below_the_free_shipping_threshold_the_flat_rate_is_added(db, now):
    found = suggest_cpa(group_of(make.product(2000)), now=now)

    assert (found.tax_cents, found.shipping_cents, found.usd_cents) == (200, 599, 2799)


def test_what_has_no_parcel_has_no_shipping(db, now):
    assert suggest_cpa(group_of(make.product(2000, kind="digital")), now=now).usd_cents == 2200


def test_the_dearest_of_a_group_counts_with_its_shipping(db, now):
    """$24.50 and its shipping come to more than $25.00 without."""
    cheaper, dearer = make.product(2450), make.product(2500)

    found = suggest_cpa(group_of(dearer, cheaper), now=now)

    assert (found.product, found.usd_cents) == (cheaper, 2450 + 245 + 599)


def test_prices_that_include_tax_get_none_added(db, now):
    found = suggest_cpa(group_of(make.product(3000, store="DE", slug="tea"), store="DE"), now=now)

    assert (found.tax_cents, found.currency) == (0, "EUR")
    assert found.usd_cents == 3300  # at 1.10


def test_yen_have_no_cents(db, now):
    found = suggest_cpa(group_of(make.product(3600, store="JP", slug="tea"), store="JP"), now=now)

    assert (found.total_cents, found.usd_cents) == (3600, 2412)


def test_ten_thousand_prices_agree_with_exact_fractions():
    chance = random.Random(1)
    for _number in range(10_000):
        cents, rate = chance.randint(1, 10**7), Decimal(chance.randint(0, 99_999)) / 100_000
        exact = Fraction(cents) * Fraction(rate)
        assert apply_rate(cents, rate) == int(exact + Fraction(1, 2))


def test_the_credit_always_covers_what_was_suggested():
    """In every currency, at any rate: converted to dollars and back nothing is missing."""
    chance = random.Random(2)
    for _number in range(5_000):
        currency = chance.choice(["JPY", "EUR", "INR", "USD"])
        rate = Decimal(1) if currency == "USD" else Decimal(chance.randint(50, 20_000)) / 10_000
        amount = chance.randint(1, 200_000)
        credit = apply_rate(usd_cents(amount, currency, rate), credit_per_cent(currency, rate))
        assert credit >= amount


# Expiry


@pytest.mark.parametrize(
    ("ends_at", "zone", "expires"),
    [
        ("2026-11-30T12:00+00:00", "UTC", "2026-12-31T00:00+00:00"),
        ("2026-12-01T00:00+00:00", "UTC", "2026-12-31T00:00+00:00"),  # an end at midnight belongs to the day before
        ("2026-11-30T23:00+00:00", "Europe/Berlin", "2026-12-30T23:00+00:00"),
        ("2028-02-29T23:00+00:00", "Europe/Berlin", "2028-03-30T22:00+00:00"),  # leap day, then summer time
        ("2026-09-25T12:00+00:00", "Europe/Berlin", "2026-10-25T23:00+00:00"),  # over the end of summer time
        ("2018-10-05T12:00+00:00", "America/Sao_Paulo", "2018-11-05T02:00+00:00"),
        ("2018-10-04T12:00+00:00", "America/Sao_Paulo", "2018-11-04T03:00+00:00"),  # a day without midnight
    ],
)
def test_rewards_expire_at_the_end_of_the_thirtieth_day(ends_at, zone, expires):
    found = expiry_instant(dt.datetime.fromisoformat(ends_at), zone)

    assert found == dt.datetime.fromisoformat(expires)


# Budgets


def set_limits(campaign, total, monthly, now):
    spending.set_limits(campaign, total_budget_cents=total, monthly_limit_cents=monthly, by=None, now=now)


@pytest.mark.parametrize(
    ("total", "monthly", "code"),
    [(4_999, 1_000, "budget_too_small"), (5_000, 500_001, "limit_too_high"), (5_000, 0, "limit_too_low")],
)
def test_limits_have_limits(db, now, total, monthly, code):
    campaign = make.campaign("draft")

    with pytest.raises(RuleViolation) as caught:
        set_limits(campaign, total, monthly, now)

    assert caught.value.code == code
    assert Campaign.objects.get(pk=campaign.pk).total_budget_cents == 5_000_000


def test_no_limit_goes_below_what_is_spent(campaign, now):
    for _time in range(2):
        issue_reward(make.ask(campaign))

    for total, monthly, code in ((5_499, 5_500, "budget_too_small"), (5_500, 5_499, "limit_too_low")):
        with pytest.raises(RuleViolation) as caught:
            set_limits(campaign, total, monthly, now)
        assert caught.value.code == code
    set_limits(campaign, 5_500, 5_500, now)
    assert spending.remaining_cents(Campaign.objects.get(pk=campaign.pk), now=now) == 0


def test_an_operator_raises_the_ceiling_and_the_developer_may_use_it(campaign, now):
    limits.set_campaign_ceiling(campaign, ceiling_cents=900_000, why="They asked.", by=make.operator(), now=now)

    set_limits(campaign, 5_000_000, 900_000, now)

    assert campaign.monthly_limit_cents == 900_000


def test_each_threshold_of_a_cap_is_mailed_once(db, now):
    campaign = make.campaign(total_budget_cents=11_000)
    for _time in range(2):
        issue_reward(make.ask(campaign))

    for _time in range(2):
        send_budget_alerts(now=now)

    assert [mail.context["percent"] for mail in Mail.objects.filter(kind="budget_threshold")] == [50]


def test_the_limit_is_reached_when_no_further_reward_fits(db, now):
    """$55 of $60 is 91 %, and no third reward of $27.50 is possible."""
    campaign = make.campaign(total_budget_cents=6_000)
    for _time in range(2):
        issue_reward(make.ask(campaign))

    send_budget_alerts(now=now)

    assert Mail.objects.get(kind="budget_threshold").context["percent"] == 100


# Reward groups


def test_a_sixth_product_is_refused_by_service_and_database(db):
    campaign = make.campaign("draft", products=[make.product() for _number in range(5)])
    group = campaign.groups.get()

    with pytest.raises(RuleViolation) as caught:
        setup.add_product(campaign, group, make.product())
    assert caught.value.code == "too_many_products"
    with pytest.raises(IntegrityError), transaction.atomic():
        GroupProduct.objects.create(group=group, product=make.product(), position=6)
    assert group.choices.count() == 5


def test_a_group_is_products_or_a_category_never_both(db):
    campaign = make.campaign("draft", slug="books", cpa_cents=3000)
    group = campaign.groups.get()

    with pytest.raises(RuleViolation) as caught:
        setup.add_product(campaign, group, make.product())
    assert caught.value.code == "mixed_group"
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO campaigns_groupproduct (group_id, group_kind, product_id, position)"
            " VALUES (%s, 'products', %s, 1)",
            [group.pk, make.product().pk],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError), transaction.atomic():
        RewardGroup.objects.filter(pk=group.pk).update(kind="products")


def test_a_first_product_of_a_store_opens_its_group_and_a_refused_one_does_not(db):
    campaign, canada = make.campaign("draft"), Marketplace.objects.get(code="CA")

    with pytest.raises(RuleViolation):
        setup.offer_product(campaign, canada, make.product(store="DE"))
    assert not campaign.groups.filter(marketplace=canada).exists()
    for _number in range(2):
        setup.offer_product(campaign, canada, make.product(store="CA"))

    assert campaign.groups.get(marketplace=canada).choices.count() == 2


def test_a_budget_is_costs_and_limits_or_nothing(db, now):
    campaign = make.campaign("draft")
    (moment, group, before) = pairs_of(campaign)[0]
    pair, limits_of = (moment.pk, group.pk), {"total_budget_cents": 6_000, "by": None, "now": now}

    with pytest.raises(RuleViolation):
        setup.set_budget(campaign, costs={pair: before + 100}, monthly_limit_cents=500_001, **limits_of)
    assert pairs_of(campaign)[0][2] == before
    setup.set_budget(campaign, costs={pair: before + 100}, monthly_limit_cents=5_000, **limits_of)
    assert (pairs_of(campaign)[0][2], Campaign.objects.get().total_budget_cents) == (before + 100, 6_000)
    setup.set_budget(campaign, costs=None, monthly_limit_cents=5_500, **limits_of)

    assert (pairs_of(campaign)[0][2], Campaign.objects.get().monthly_limit_cents) == (before + 100, 5_500)


def test_only_what_is_offered_in_that_store_can_be_chosen(db):
    campaign = make.campaign("draft")
    group = campaign.groups.get()

    for product in (
        make.product(is_offered=False),
        make.product(store="DE"),
        make.product(own_of=make.member().organization),
    ):
        with pytest.raises(RuleViolation) as caught:
            setup.add_product(campaign, group, product)
        assert caught.value.code == "not_offered"
    assert group.choices.count() == 1


def test_choosing_a_category_drops_the_products(db):
    campaign = make.campaign("draft")

    group = setup.choose_category(campaign, Marketplace.objects.get(code="US"), make.category())

    assert group.choices.count() == 0 and group.kind == "category"


# Banners


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_banner_is_re_encoded_with_its_renditions(db, member, now, kind):
    banner = save_banner(member.organization, make.banner_bytes(kind=kind), by=member.user, now=now)

    with Image.open(banner.image.path) as picture:
        assert (picture.size, picture.format) == ((3000, 600), kind)
    assert sorted(banner.rendition_widths) == [750, 1200, 1500, 2000]


def jpeg(width, height, **options):
    file = io.BytesIO()
    Image.new("RGB", (width, height)).save(file, "JPEG", **options)
    return file.getvalue()


def turned() -> bytes:
    """600 × 3000 that its EXIF orientation turns upright."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg(600, 3000, exif=exif)


def test_orientation_is_applied_before_the_size_is_judged_and_metadata_is_dropped():
    picture, _kind = read_banner(turned())

    assert picture.size == (3000, 600)
    assert not picture.getexif()


def animated() -> bytes:
    file = io.BytesIO()
    frames = [Image.new("RGB", (3000, 600), color) for color in ("red", "blue")]
    frames[0].save(file, "PNG", save_all=True, append_images=frames[1:])
    return file.getvalue()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("data", "words"),
    [
        (jpeg(2999, 600), "1 px too narrow"),
        (jpeg(3000, 601), "1 px too high"),
        (jpeg(1500, 300), "1500 px too narrow and 300 px too low"),
        (b"GIF89a" + b"\0" * 100, "not a PNG or JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "not a PNG or JPEG"),
        (b"", "not a PNG or JPEG"),
        (make.banner_bytes()[:-2000], "damaged"),
        (animated(), "animated"),
        (b"\0" * (5 * 1024 * 1024 + 1), "at most 5 MB"),
    ],
)
def test_anything_else_is_refused_with_a_sentence(db, member, now, data, words):
    with pytest.raises(RuleViolation, match=words):
        save_banner(member.organization, data, by=member.user, now=now)

    assert Banner.objects.count() == 0
