"""Operators' pages: every list and form opens; edits go through the services."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.helpers import InlineAdminFormSet
from django.contrib.admin.utils import flatten_fieldsets
from django.urls import reverse

from campaigns.models import Campaign, OrganizationMonth
from catalog import stock
from catalog.models import Marketplace
from moments import clock
from moments.web.forms import MoneyField
from outbox.models import Mail
from redemption.models import Order
from tests import make

INLINES = ("sizes", "equals", "pictures", "price_changes", "stock_moves")
NO_ROWS = {f"{name}-{kind}_FORMS": 0 for name in INLINES for kind in ("TOTAL", "INITIAL")}  # below a product


@pytest.fixture
def operator(client, db):
    client.force_login(make.operator())
    return client


@pytest.fixture
def world(now):
    """Something of everything."""
    customer = make.customer()
    reward = make.reward(make.campaign(), app_user_id="ada")
    order = make.order(reward, by=customer)
    make.api_key(reward.app)
    return order


@pytest.mark.slow
def test_every_list_and_every_form_opens(operator, world):
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        assert operator.get(reverse(f"{name}_changelist"), {"q": "x\x00"}).status_code in {200, 302}, model
        assert operator.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200, model
        if row := model._default_manager.first():
            assert operator.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200, model
        assert operator.get(reverse(f"{name}_add")).status_code in {200, 403}, model


def is_raw(name: object) -> bool:
    return isinstance(name, str) and (name == "cents" or name.endswith("_cents"))


@pytest.mark.slow
def test_no_operators_page_shows_or_asks_for_minor_units(operator, world):
    seen = 0
    for model in admin.site._registry:
        name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        pages = [reverse(f"{name}_changelist"), reverse(f"{name}_add")]
        pages += [reverse(f"{name}_change", args=[row.pk]) for row in model._default_manager.all()[:2]]
        for page in pages:
            operator.post(f"{page}?", {"access_reason": "A customer asks"}) if page.endswith("/change/") else None
            context = operator.get(page).context or {}
            assert not any(is_raw(column) for column in getattr(context.get("cl"), "list_display", [])), page
            parts = [context["adminform"]] if "adminform" in context else []
            for part in parts + context.get("inline_admin_formsets", []):
                names = flatten_fieldsets(part.fieldsets) if isinstance(part, InlineAdminFormSet) else part.fieldsets
                names = names if isinstance(part, InlineAdminFormSet) else flatten_fieldsets(names)
                fields = (part.formset.empty_form if isinstance(part, InlineAdminFormSet) else part.form).fields
                raw = [field for field in names if is_raw(field)]
                assert all(isinstance(fields.get(field), MoneyField) for field in raw), (page, raw)
                assert not any(is_raw(field) for field in part.readonly_fields), page
                seen += len(raw) + sum("_money" in getattr(field, "__name__", "") for field in names)
    assert seen > 20


@pytest.mark.slow
def test_operators_read_amounts_in_their_currency(operator, world):
    reward = world.reward
    campaign = reward.campaign
    pages = {
        reverse("admin:rewards_reward_changelist"): "$27.50",
        reverse("admin:accounts_organization_changelist"): "$15,000.00",
        reverse("admin:accounts_organization_change", args=[campaign.organization_id]): "$15,000.00",
        reverse("admin:campaigns_campaignmonth_changelist"): "$5,000.00",
        reverse("admin:campaigns_campaign_change", args=[campaign.pk]): "$27.50",
        reverse("admin:campaigns_organizationmonth_changelist"): "$27.50",
        reverse("admin:catalog_product_change", args=[world.product_id]): "$25.00",
        reverse("admin:catalog_marketplace_change", args=["JP"]): "In JPY.",
    }
    raw = re.compile(r">\s*(2750|2,750|27\.5|500000|500,000|1500000|1,500,000)\s*<")

    for page, text in pages.items():
        shown = operator.get(page).text
        assert text in shown and not raw.search(shown), page


def test_the_first_page_names_no_two_groups_alike(operator):
    names = [group["name"] for group in operator.get("/admin/").context["app_list"]]

    assert len(set(names)) == len(names) and {"Email", "Second factors", "Signing in"} <= set(names)


def test_nobody_else_gets_in(client, world):
    for user in (make.customer(), make.member().user):
        client.force_login(user)
        assert client.get("/admin/").status_code == 302


def test_a_price_is_changed_with_its_history_and_stock_is_counted(operator, db):
    product = make.product(2500, stock_units=10)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    form = operator.get(page).context["adminform"].form
    fields = {name: value for name in form.fields if (value := form[name].value()) not in (None, False, "")}

    answer = operator.post(page, {**fields, **NO_ROWS, "price_cents": "27.00", "counted_stock": 8, "title": "Renamed"})

    assert answer.status_code == 302, answer.context["errors"]
    product.refresh_from_db()
    assert (product.price_cents, product.stock, product.title) == (2700, 8, "Renamed")
    assert list(product.price_changes.values_list("price_cents", flat=True)) == [2700, 2500]
    assert product.stock_moves.first().units == -2


def test_a_saved_form_writes_back_no_stock_that_moved_meanwhile(operator, db):
    from catalog.stock import take_unit

    product = make.product(stock_units=10)
    page = reverse("admin:catalog_product_change", args=[product.pk])
    form = operator.get(page).context["adminform"].form
    fields = {name: value for name in form.fields if (value := form[name].value()) not in (None, False, "")}

    opened = {f"initial-{name}": value for name, value in fields.items()}

    take_unit(product, reference="X", now=make.clock.now())
    operator.post(page, {**fields, **opened, **NO_ROWS, "title": "Renamed"})

    product.refresh_from_db()
    assert (product.title, product.stock) == ("Renamed", 9)


@pytest.mark.slow
def test_an_id_that_is_none_is_told_on_the_form(operator, db):
    product = make.product()
    pages = [reverse("admin:campaigns_claimlimits_add"), reverse("admin:catalog_product_change", args=[product.pk])]
    equal = {"equals-TOTAL_FORMS": 1, "equals-0-position": 1}
    for given in ("abc", "9" * 40, "\x00"):
        sent = {"campaign": given, "category": given, "own_of": given, **NO_ROWS, **equal, "equals-0-equal": given}
        for page in pages:
            answer = operator.post(page, sent)
            assert answer.status_code == 200 and "errorlist" in answer.text


def test_products_are_offered_and_curated_by_ticks_in_their_list(operator, db):
    product = make.product()
    ticks = {"form-TOTAL_FORMS": 1, "form-INITIAL_FORMS": 1, "form-0-id": product.pk, "form-0-is_curated": "on"}

    answer = operator.post(reverse("admin:catalog_product_changelist"), {**ticks, "_save": "Save"})

    assert answer.status_code == 302
    product.refresh_from_db()
    assert (product.is_offered, product.is_curated, product.price_changes.count()) == (False, True, 1)


@pytest.mark.slow
def test_the_review_shows_what_changed_and_approves(operator, db, now):
    from campaigns.approval import transitions
    from campaigns.setup import service as setup

    campaign = make.campaign("approved", redemption_message="Before")
    transitions.reopen_for_editing(campaign, by=campaign.created_by, now=now)
    setup.edit_campaign(campaign, redemption_message="After")
    transitions.submit_for_approval(campaign, by=campaign.created_by, now=now)
    page = reverse("admin:campaigns_campaign_review", args=[campaign.pk])

    text = operator.get(page).text
    assert "<del>Before</del>" in text and "<ins>After</ins>" in text
    assert "monthly_limit" not in text
    operator.post(page, {"approve": "1", "version": "1"})
    assert Campaign.objects.get().status == "pending"  # the second is waiting, and was not the one looked at
    operator.post(page, {"approve": "1", "version": "2"})

    campaign.refresh_from_db()
    assert campaign.status == "approved"


def test_a_rejection_without_a_reason_is_not_one(operator, db):
    campaign = make.campaign("pending")
    page = reverse("admin:campaigns_campaign_review", args=[campaign.pk])

    operator.post(page, {"reject": "1", "version": "1", "reason": ""})
    assert Campaign.objects.get(pk=campaign.pk).status == "pending"
    operator.post(page, {"reject": "1", "version": "1", "reason": "Blurred."})
    assert Campaign.objects.get(pk=campaign.pk).status == "rejected"


def test_limits_are_raised_by_operators(operator, db):
    campaign = make.campaign("draft")
    operator.post(
        reverse("admin:campaigns_campaign_ceiling", args=[campaign.pk]), {"ceiling_cents": "9000", "why": "They asked."}
    )
    operator.post(
        reverse("admin:campaigns_organizationmonth_add"),
        {"organization": campaign.organization_id, "new_limit": "20000", "why": "They asked."},
    )

    campaign.refresh_from_db()
    assert campaign.monthly_ceiling_cents == 900_000
    assert OrganizationMonth.objects.get(organization=campaign.organization).limit_cents == 2_000_000
    assert campaign.organization.__class__.objects.get(pk=campaign.organization_id).monthly_limit_cents == 2_000_000


def test_a_limit_below_what_is_spent_is_refused_beside_its_field(operator, db, now):
    campaign = make.campaign()
    make.reward(campaign)
    row = OrganizationMonth.objects.get(organization=campaign.organization)
    page = reverse("admin:campaigns_organizationmonth_change", args=[row.pk])

    answer = operator.post(page, {"new_limit": "10", "why": "They asked."})

    assert "$10.00 is below the $27.50 that are spent this month already." in answer.text
    assert OrganizationMonth.objects.get().limit_cents == row.limit_cents
    OrganizationMonth.objects.update(month="2020-01-01")
    assert operator.post(page, {"new_limit": "90", "why": "They asked."}).status_code == 403


def test_who_may_only_look_can_do_nothing(client, campaign, world):
    from django.contrib.auth.models import Permission

    watcher = make.user(is_staff=True)
    watcher.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(watcher)

    for model, action in (("accounts_organization", "suspend"), ("redemption_order", "mark_missing")):
        row = campaign.organization_id if model.startswith("accounts") else world.pk
        client.post(reverse(f"admin:{model}_changelist"), {"action": action, "_selected_action": [row]})
    client.post(reverse("admin:redemption_order_ship", args=[world.pk]), {})

    campaign.organization.refresh_from_db()
    world.refresh_from_db()
    assert (campaign.organization.status, world.is_missing, world.status) == ("active", False, "placed")


def test_an_allowlist_typed_by_an_operator_is_checked(operator, db):
    app = make.app()
    page = reverse("admin:accounts_app_change", args=[app.pk])
    fields = {"organization": app.organization_id, "name": app.name, "opens_in": "browser"}
    formsets = {"api_keys-TOTAL_FORMS": 0, "api_keys-INITIAL_FORMS": 0}

    answer = operator.post(page, {**fields, **formsets, "ip_allowlist": "nonsense"})

    assert "“nonsense”" in answer.text
    app.refresh_from_db()
    assert app.ip_allowlist == []


def test_orders_are_shipped_and_canceled_with_a_mail(operator, world):
    operator.post(reverse("admin:redemption_order_ship", args=[world.pk]), {"carrier": "Post", "tracking_number": "P1"})
    assert Order.objects.get().status == "shipped"

    refused = operator.post(reverse("admin:redemption_order_cancel", args=[world.pk]), {"reason": "Lost"})
    assert refused.status_code == 200 and Order.objects.get().status == "shipped"
    assert Mail.objects.filter(kind="order_shipped").count() == 1


@pytest.mark.parametrize(("kind", "asked"), [("physical", "Tracking number"), ("digital", "Code or link")])
def test_shipping_asks_for_what_the_item_needs(operator, customer, kind, asked):
    order = make.order(make.reward(make.campaign(products=[make.product(2500, kind=kind)])), by=customer)

    page = operator.get(reverse("admin:redemption_order_ship", args=[order.pk])).text

    assert [words for words in ("Tracking number", "Code or link") if words in page] == [asked]


def test_actions_on_organizations_reach_the_services(operator, campaign):
    page = reverse("admin:accounts_organization_changelist")

    operator.post(page, {"action": "suspend", "_selected_action": [campaign.organization_id]})
    campaign.organization.refresh_from_db()

    assert campaign.organization.status == "suspended"


# Accessible and fast


def test_each_input_of_a_list_is_named_by_its_field_and_its_row(operator):
    lamp, mug = make.product(title="Lamp"), make.product(title="Mug")

    text = operator.get("/admin/catalog/product/").text

    boxes = re.findall(r'<input type="checkbox" name="form-[^>]*>', text)
    names = [re.search(r'aria-label="([^"]*)"', box)[1].partition(": ") for box in boxes]
    assert len(boxes) == 4 and len({field for field, _colon, _row in names}) == 2
    assert {row for _field, _colon, row in names} == {str(lamp), str(mug)}


def test_each_input_of_a_table_within_a_form_is_named(operator):
    product = make.product()
    stock.add_size(product, "XL", now=clock.now())

    text = operator.get(f"/admin/catalog/product/{product.pk}/change/").text

    inputs = re.findall(r'<(?:input(?! type="hidden")|select)[^>]* name="sizes-0-[^>]*>', text)
    assert inputs and all('aria-label="' in found for found in inputs), inputs


@pytest.mark.slow
def test_pages_with_many_rows_ask_the_database_a_few_times(operator, django_assert_max_num_queries):
    store = Marketplace.objects.get(code="US")
    assert store.tax_rates.count() > 40

    for page, most, templates in (
        ("/admin/catalog/marketplace/US/change/", 9, 500),
        ("/admin/catalog/marketplace/", 9, 100),
        ("/admin/outbox/mail/kinds/", 14, 160),
    ):
        operator.get(page)
        with django_assert_max_num_queries(most):
            answer = operator.get(page)
        assert answer.status_code == 200
        assert len(answer.templates) < templates, (page, len(answer.templates))


def test_the_list_of_campaigns_leads_to_the_review_first_and_tells_of_holds_while_there_are_some(client, campaign, now):
    client.force_login(make.operator())
    page = reverse("admin:campaigns_campaign_changelist")

    columns = client.get(page).context["cl"].list_display
    assert columns[:3] == ["name", "status", "review_link"] and "held_because" not in columns
    type(campaign).objects.update(held_at=now, held_because="brake")

    assert client.get(page).context["cl"].list_display[-1] == "held_because"
