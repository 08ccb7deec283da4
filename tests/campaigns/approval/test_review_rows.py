"""What an operator reads of a submission: every field under a label, in words, money and times."""

import copy
import html
import re

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns.approval import transitions
from campaigns.approval.review_money import cautions_of, payer_of
from campaigns.approval.review_rows import changes_between, known_of, sections_of
from campaigns.approval.snapshot import _flat, snapshot_campaign
from campaigns.models import Campaign, CampaignVersion, PaymentMethod
from campaigns.setup import ab_split
from campaigns.setup import service as setup
from catalog.models import Marketplace
from outbox.models import Mail
from rewards.models import Reward
from tests import make
from tests.harness.markup import without_blanks

DETAILS = re.compile(r"<details.*?</details>", re.DOTALL)
GERMAN = {"announcement_message": "Los", "redemption_message": "Fertig", "banner_alt": "Bild", "terms": "Bedingungen"}


@pytest.fixture
def operator(client, db):
    client.force_login(make.operator())
    return client


@pytest.fixture
def full(member, now):
    """Everything filled in: two moments in a split, products in two stores, a category in a third."""
    draft = make.campaign("draft", of=member, translations={"de": GERMAN}, time_zone="Europe/Berlin")
    setup.edit_campaign(draft, return_link="https://example.com/back")
    second = setup.save_moment(draft, key="level-10", description="Reaches level 10", audience_note="New ones")
    setup.save_moment(draft, moment=draft.moments.first(), description="Starts", audience_note="All")
    ab_split.set_shares(draft, {moment.pk: 30 if moment == second else 70 for moment in draft.moments.all()})
    japan = setup.choose_products(draft, Marketplace.objects.get(code="JP"))
    setup.add_product(draft, japan, make.product(1200, store="JP", title="Tea"))
    shelf = setup.choose_category(draft, Marketplace.objects.get(code="DE"), make.category("coffee"))
    draft.groups.filter(pk=shelf.pk).update(percent_off=20)
    make.product(900, slug="coffee", store="DE")
    make.set_costs(draft, 6250)
    return draft


def page_of(campaign) -> str:
    return reverse("admin:campaigns_campaign_review", args=[campaign.pk])


def preview_of(campaign) -> str:
    return reverse("admin:campaigns_campaign_preview", args=[campaign.pk])


def rows_of(campaign, content) -> list:
    known = known_of(campaign.organization, content)
    return [row for section in sections_of(content, known) for row in section.rows]


def unlabelled(campaign, content) -> set[str]:
    """Paths without a row, or with one that nobody named."""
    rows = rows_of(campaign, content)
    shown = {path for row in rows for path in row.paths if row.has_label}
    return _flat(content).keys() - shown


def submitted(campaign, content, now) -> CampaignVersion:
    """As if it had been submitted; a campaign with a percentage off needs Stripe to be."""
    values = {"content": content, "submitted_by": campaign.created_by, "submitted_at": now}
    Campaign.objects.filter(pk=campaign.pk).update(status=Campaign.Status.PENDING)
    return CampaignVersion.objects.create(campaign=campaign, number=campaign.versions.count() + 1, **values)


def test_every_key_that_a_snapshot_can_contain_has_a_label(full, now):
    content = snapshot_campaign(full, now=now)
    optional = re.compile(r"groups\.(US|JP)\.percent_off")  # a category alone has one

    assert [path for path, text in _flat(content).items() if not text and not optional.fullmatch(path)] == []
    assert unlabelled(full, content) == set()


def test_a_key_that_nobody_labelled_is_noticed_and_shown_in_readable_words(full, now):
    content = snapshot_campaign(full, now=now)
    sku = next(iter(content["groups"]["JP"]["products"]))
    places = {
        "one_more": content,
        "moments.level-10.one_more": content["moments"]["level-10"],
        "groups.DE.one_more": content["groups"]["DE"],
        f"groups.JP.products.{sku}.one_more": content["groups"]["JP"]["products"][sku],
        "translations.de.one_more": content["translations"]["de"],
    }
    for place in places.values():
        place["one_more"] = "new"

    assert unlabelled(full, content) == set(places)
    assert [(row.label, row.value) for row in rows_of(full, content) if not row.has_label] == [("One more", "new")] * 5


def test_amounts_are_in_their_currency_and_times_in_the_campaigns_zone(full, now):
    content = snapshot_campaign(full, now=now)
    content |= {"starts_at": "2026-07-01T10:00:00+00:00"}

    values = {row.label: row.value for row in rows_of(full, content)}
    sections = {section.title: section for section in sections_of(content, known_of(full.organization, content))}

    assert values["Starts"] == "1 Jul 2026, 12:00 (Berlin)"
    assert (values["Total budget"], values["Monthly limit"]) == ("$50,000.00", "$5,000.00")
    japan = {row.label.partition(" SKU")[0]: row.value for row in sections["Rewards in Japan"].rows}
    assert japan["Product"] == "Tea · ¥1,200" and japan["Cost per action of “level-10”"] == "$62.50"
    assert values["Percent off"] == "20 %" and values["Goes live"] == "when the developer presses Go live"


def test_the_page_has_no_raw_key_outside_the_details(operator, full, now):
    content = snapshot_campaign(full, now=now)
    submitted(full, content, now)

    page = html.unescape(operator.get(page_of(full)).text)
    outside = DETAILS.sub("", page)

    raw = [path for path in _flat(content) if "." in path or "_" in path]
    raw += [content["banner"], content["starts_at"], content["ends_at"], "27.50", "50000.00"]
    assert [text for text in raw if text in outside] == []
    assert [path for path, text in _flat(content).items() if text and path not in page] == []
    assert full.banner.image.url in outside and preview_of(full) in outside
    assert "$50,000.00" in outside and "Tea · ¥1,200" in outside


def test_what_changed_in_a_second_version_is_at_the_top_in_words(operator, member, now):
    product = make.product(title="Tea")
    campaign = make.campaign("approved", of=member, products=[product])
    transitions.reopen_for_editing(campaign, by=member.user, now=now)
    setup.edit_campaign(campaign, redemption_message="Other words")
    make.set_costs(campaign, 3000)
    type(product).objects.update(title="Green tea")
    transitions.submit_for_approval(campaign, by=member.user, now=now)

    outside = DETAILS.sub("", html.unescape(without_blanks(operator.get(page_of(campaign)).text)))
    changes = re.findall(r"<tr><th scope=\"row\">([^<]*)</th><td><del>", outside)

    assert changes == [
        "Messages: Redemption message",
        f"Rewards in United States: Product {product.sku}",
        "Rewards in United States: Cost per action of “MomentsReward”",
    ]
    assert "<del>$27.50" in outside and "<ins>$30.00" in outside
    assert outside.index("What changed from version 1") < outside.index("Version 2, as it was submitted")


def test_what_was_dropped_is_a_change_too_and_what_is_the_same_is_none(full, now):
    old = snapshot_campaign(full, now=now)
    new = copy.deepcopy(old)
    del new["translations"]["de"]["terms"], new["groups"]["DE"]["percent_off"]
    known = known_of(full.organization, old, new)

    assert changes_between(old, old, known) == []
    found = [(change.label, change.before and change.before.value) for change in changes_between(old, new, known)]
    assert found == [("Messages in Deutsch: Terms", "Bedingungen"), ("Rewards in Germany: Percent off", "20 %")]


def test_a_version_from_before_each_store_had_its_own_cost_can_be_read(operator, member, now):
    campaign = make.campaign("draft", of=member)
    content = snapshot_campaign(campaign, now=now)
    for moment in content["moments"].values():
        moment["cpa"] = "27.50"
    submitted(campaign, content, now)

    assert unlabelled(campaign, content) == set()
    assert "$27.50" in DETAILS.sub("", operator.get(page_of(campaign)).text)


@pytest.mark.slow
def test_more_products_and_moments_cost_no_more_queries(operator, member):
    counts = []
    for products in (1, 5):
        campaign = make.campaign("draft", of=member, products=[make.product() for _ in range(products)])
        for number in range(products):
            setup.save_moment(campaign, key=f"level-{number}", description="x")
        make.set_costs(campaign, 2750)
        transitions.submit_for_approval(campaign, by=member.user, now=make.clock.now())
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert operator.get(page_of(campaign)).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 60, counts


def test_it_says_who_pays_and_warns_where_nobody_does(operator, payer, member, now):
    campaign = make.campaign("pending", of=payer)

    assert payer_of(campaign.organization) == ""
    assert "there is no payment method and no waiver" in operator.get(page_of(campaign)).text
    PaymentMethod.objects.create(
        organization=payer.organization, owner=payer.user, customer_id="c", method_id="m", brand="visa", last4="4242"
    )
    assert payer_of(campaign.organization) == "by card, Visa •••• 4242"
    assert "payment was waived on" in payer_of(make.member().organization)


def test_it_says_the_most_it_can_cost_and_what_is_spent(operator, member, now):
    campaign = make.campaign(of=member, total_budget_cents=5_000_000, monthly_limit_cents=500_000)
    make.reward(campaign)
    organization = campaign.organization
    type(organization).objects.filter(pk=organization.pk).update(monthly_limit_cents=400_000)

    page = without_blanks(operator.get(page_of(campaign)).text)

    for label, amount in {
        "The most it can cost in a month": "$4,000.00",
        "The most it can cost in total": "$50,000.00",
        "Spent so far": "$27.50, of which $27.50 this month",
        "The organization, this month": "$27.50 of $4,000.00",
    }.items():
        assert f'<th scope="row">{label}</th><td>{amount}' in page


@pytest.mark.slow
def test_it_warns_of_a_start_before_approval_and_of_nothing_once_decided(member, now):
    by_date = make.campaign("pending", of=member, goes_live="date", days=(-1, 30))
    later = make.campaign("pending", of=member, days=(1, 30))

    assert "it goes live as soon as you approve it" in cautions_of(by_date, now=now)[0]
    assert cautions_of(later, now=now) == []
    transitions.approve_campaign(by_date, by=make.operator(), now=now)
    assert cautions_of(by_date, now=now) == []


def test_the_note_of_an_approval_is_in_the_history(operator, member):
    campaign = make.campaign("pending", of=member)

    operator.post(page_of(campaign), {"approve": "1", "version": "1", "note": " A good banner. "})

    version, line = campaign.versions.get(), campaign.history.first()
    assert (version.decision, version.reason, line.reason) == ("approved", "A good banner.", "A good banner.")


def test_operators_see_the_page_that_customers_will_and_nothing_is_written(operator, client, member):
    campaign = make.campaign("pending", of=member)
    before = [*Campaign.objects.values(), *Reward.objects.values(), *Mail.objects.values()]
    seen = {show: operator.get(preview_of(campaign), {"show": show, "store": "US"}) for show in ("page", "mail")}

    assert "You reached level 10." in seen["page"].text and "$25.00" in seen["mail"].text
    for answer in seen.values():  # a sandbox without allow-forms: no form in it can be sent
        assert "sandbox" in answer["Content-Security-Policy"] and "allow-forms" not in answer["Content-Security-Policy"]
    assert all("no-store" in answer["Cache-Control"] for answer in seen.values())
    assert operator.post(preview_of(campaign)).status_code == 405
    assert [*Campaign.objects.values(), *Reward.objects.values(), *Mail.objects.values()] == before
    client.force_login(member.user)
    theirs = client.get(reverse("console:campaigns:preview", args=[campaign.pk])).text
    assert without_nonces(theirs) == without_nonces(seen["page"].text)


def without_nonces(text: str) -> str:
    return re.sub(r'(nonce|value)="[^"]+"', "", text)


def test_nobody_but_who_may_review_sees_the_preview(client, member):
    campaign = make.campaign("pending", of=member)
    watcher = make.user(is_staff=True)
    watcher.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))

    for user in (member.user, make.customer(), watcher):
        client.force_login(user)
        assert client.get(preview_of(campaign)).status_code == 302
    client.logout()
    assert client.get(preview_of(campaign)).status_code == 302
