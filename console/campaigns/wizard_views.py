"""Console pages of the campaign editor, step by step."""

import datetime as dt
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.organizations.access import EDITORS, MemberRequest, member_required
from accounts.sign_in.recent_authentication import require_recent
from campaigns.models import Campaign, RewardGroup
from campaigns.setup import service as setup
from campaigns.setup.banners import MAX_BYTES
from campaigns.setup.cpa import suggest_cpa
from campaigns.setup.moment_costs import pairs_of
from campaigns.setup.readiness import cost_problems, problems_of, suggestions_of, warnings_of
from campaigns.setup.terms import DEFAULT_TERMS
from campaigns.setup.translations import kept
from catalog.models import Category, Marketplace, Product
from console.campaigns.forms import BudgetForm, DetailsForm, MessageForm, PercentForm, TranslationForm, cost_field
from console.campaigns.views import campaign_of, editable_of
from console.catalog.views import search
from moments import clock
from moments.errors import RuleViolation
from moments.integrations import stripe
from moments.web.forms import add_refusal

STEPS = [
    ("details", gettext_lazy("Details")),
    ("moments", gettext_lazy("Moments")),
    ("rewards", gettext_lazy("Rewards")),
    ("message", gettext_lazy("Message and banner")),
    ("budget", gettext_lazy("Budget")),
    ("review", gettext_lazy("Review")),
]
SAVING = {"details", "moments", "message", "budget"}  # steps with a form, which is saved when leaving them


def page(request: MemberRequest, campaign: Campaign, step: str, **context: Any) -> HttpResponse:
    """Render the page of a step, with the stepper that shows which steps are incomplete."""
    lacking = {problem.step for problem in problems_of(campaign, now=clock.now())}
    names = [name for name, _label in STEPS]
    steps = [
        {"name": name, "label": label, "is_current": name == step, "is_done": name not in lacking and name != "review"}
        for name, label in STEPS
    ]
    shown = {
        "campaign": campaign,
        "steps": steps if campaign.is_editable else [],
        "after": names[min(names.index(step) + 1, len(names) - 1)],
        "saves": step in SAVING and campaign.is_editable,
        "leaving_to": wanted_step(request),
    }
    return render(request, f"console/campaigns/step_{step}.html", shown | context)


def wanted_step(request: MemberRequest) -> str:
    """Return the step that the pressed button leads to after saving; empty if none."""
    wanted = request.POST.get("to", "")
    return wanted if wanted in dict(STEPS) else ""


def go_on(request: MemberRequest, campaign: Campaign, after: str) -> HttpResponse:
    """Redirect after saving: to the chosen step, to ``after``, or with *Save and close* to the campaign."""
    if "close" in request.POST:
        return redirect("console:campaigns:detail", campaign.pk)
    return redirect(f"console:campaigns:{wanted_step(request) or after}", campaign.pk)


@member_required(*EDITORS)
def details(request: MemberRequest, pk: UUID) -> HttpResponse:
    campaign = editable_of(request, pk)
    initial = DetailsForm.initial_of(campaign)
    if not campaign.starts_at:
        initial |= default_window(clock.now())
    form = DetailsForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            setup.edit_campaign(campaign, **form.cleaned_data)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return go_on(request, campaign, "moments")
    return page(request, campaign, "details", form=form)


def default_window(now: dt.datetime) -> dict:
    """Return a window of 30 days from the start of the current hour, in UTC."""
    local = now.astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0, tzinfo=None)
    return {"starts_at": local, "ends_at": local + dt.timedelta(days=30), "time_zone": "UTC"}


@member_required(*EDITORS)
def rewards(request: MemberRequest, pk: UUID, store: str = "US") -> HttpResponse:
    """Show the campaign's offer in one store, with a catalog search."""
    return rewards_page(request, editable_of(request, pk), get_object_or_404(Marketplace, pk=store))


@require_POST
@member_required(*EDITORS)
def percent_off(request: MemberRequest, pk: UUID, store: str) -> HttpResponse:
    """Set the percentage discount for items of the chosen category."""
    campaign = campaign_of(request, pk)
    marketplace = get_object_or_404(Marketplace, pk=store)
    form = PercentForm(request.POST)
    if form.is_valid():
        group = chosen_group(campaign.groups.filter(marketplace=marketplace).first())
        try:
            setup.set_percent_off(campaign, group, form.cleaned_data["percent_off"])
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
        return back_to_search(request, pk, store)
    return rewards_page(request, editable_of(request, pk), marketplace, form)


def rewards_page(
    request: MemberRequest, campaign: Campaign, marketplace: Marketplace, form: PercentForm | None = None
) -> HttpResponse:
    found = search(request.GET, marketplace, campaign.organization)
    group = campaign.groups.filter(marketplace=marketplace).select_related("category", "marketplace").first()
    chosen = {choice.product_id for choice in group.choices.all()} if group else set()
    return page(
        request,
        campaign,
        "rewards",
        search=found,
        store=marketplace,
        stores=store_tabs(campaign, marketplace),
        group=group,
        choices=group.choices.select_related("product") if group else [],
        chosen=chosen,
        suggestion=suggest_cpa(group, now=clock.now()) if group else None,
        percent_form=form or PercentForm(initial={"percent_off": group and group.percent_off}),
        takes_payments=stripe.is_set_up(),
    )


def store_tabs(campaign: Campaign, current: Marketplace) -> list[tuple[Marketplace, bool]]:
    """Return (store, has an offer) for stores with products and those already chosen."""
    chosen = set(campaign.groups.values_list("marketplace_id", flat=True))
    stocked = set(Product.objects.filter(is_offered=True).values_list("marketplace_id", flat=True).distinct())
    stores = Marketplace.objects.filter(pk__in=stocked | chosen | {current.pk})
    return [(store, store.pk in chosen) for store in stores]


def back_to_search(request: MemberRequest, pk: UUID, store: str) -> HttpResponse:
    query = QueryDict(request.POST.get("query", "")).urlencode()
    response = redirect("console:campaigns:rewards_in", pk, store)
    if query:
        response["Location"] += f"?{query}"
    return response


@require_POST
@member_required(*EDITORS)
def choose(request: MemberRequest, pk: UUID, store: str) -> HttpResponse:
    """Add or remove a product, or choose a category. Replacing an earlier choice requires a confirmation."""
    campaign = campaign_of(request, pk)
    marketplace = get_object_or_404(Marketplace, pk=store)
    group = campaign.groups.filter(marketplace=marketplace).select_related("category").first()
    if "sure" not in request.POST and is_dropped(group, request.POST):
        category = Category.objects.filter(pk=number(request.POST.get("category", ""))).first()
        context = {"campaign": campaign, "store": marketplace, "group": group, "category": category}
        return render(request, "console/campaigns/replace_offer.html", context)
    try:
        if "add" in request.POST:
            product = get_object_or_404(Product, pk=number(request.POST["add"]))
            setup.offer_product(campaign, marketplace, product)
        elif "remove" in request.POST:
            product = get_object_or_404(Product, pk=number(request.POST["remove"]))
            setup.remove_product(campaign, chosen_group(group), product)
        elif "category" in request.POST:
            category = get_object_or_404(Category, pk=number(request.POST["category"]))
            setup.choose_category(campaign, marketplace, category)
        elif "clear" in request.POST:
            setup.remove_group(campaign, chosen_group(group))
    except RuleViolation as refusal:
        messages.error(request, refusal.message)
    return back_to_search(request, pk, store)


def is_dropped(group: RewardGroup | None, typed: QueryDict) -> bool:
    """Return whether the action would remove a non-empty choice."""
    if group is None or not ("category" in typed or "clear" in typed):
        return False
    if group.category_id:
        return "clear" in typed or group.category_id != number(typed.get("category", ""))
    return group.choices.exists()


def chosen_group(group: RewardGroup | None) -> RewardGroup:
    if group is None:
        raise Http404
    return group


def number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0


@member_required(*EDITORS)
def message(request: MemberRequest, pk: UUID) -> HttpResponse:
    campaign = editable_of(request, pk)
    initial = {name: getattr(campaign, name) for name in MessageForm.base_fields if name != "banner"}
    initial["terms"] = initial["terms"] or DEFAULT_TERMS
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = MessageForm(*sent, initial=initial, is_announced=campaign.is_announced)
    languages = translation_forms(request, campaign)
    if request.method == "POST" and all([form.is_valid(), *(texts.is_valid() for texts in languages.values())]):
        fields = dict(form.cleaned_data)
        fields["translations"] = kept({code: texts.cleaned_data for code, texts in languages.items()})
        upload = fields.pop("banner")
        try:
            if upload:
                data = upload.read(MAX_BYTES + 1)
                banner = setup.set_banner(campaign, data, by=request.user, now=clock.now(), **fields)
            else:
                setup.edit_campaign(campaign, **fields)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            if upload and banner.was_transparent:
                messages.info(request, _("Your banner had transparent parts; they are white now."))
            return go_on(request, campaign, "budget")
    names = dict(settings.LANGUAGES)
    shown = [(names[code], texts) for code, texts in languages.items()]
    return page(request, campaign, "message", form=form, languages=shown, previews=settings.LANGUAGES)


def translation_forms(request: MemberRequest, campaign: Campaign) -> dict[str, TranslationForm]:
    return {
        code: TranslationForm(
            request.POST or None,
            language=code,
            is_announced=campaign.is_announced,
            initial=campaign.translations.get(code),
        )
        for code, _name in settings.LANGUAGES
    }


@member_required(*EDITORS)
def budgets(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Edit the spending limits at any time, and the costs per action while the campaign is editable."""
    campaign, now = campaign_of(request, pk), clock.now()
    with_costs = campaign.status in Campaign.EDITABLE
    pairs = pairs_of(campaign) if with_costs else []
    suggestions = suggestions_of(campaign, now=now)
    initial = {name: getattr(campaign, name) or None for name in ("total_budget_cents", "monthly_limit_cents")}
    for moment, group, cents in pairs:
        suggested = suggestions[group.pk]
        initial[cost_field(moment.pk, group.pk)] = cents or (suggested.usd_cents if suggested else None)
    form = BudgetForm(request.POST if request.method == "POST" else None, pairs=pairs, initial=initial)
    if request.method == "POST":
        form.is_valid()
        for pair, problem in cost_problems(campaign, form.costs(), now=now).items():
            form.add_error(cost_field(*pair), problem)
    if request.method == "POST" and form.is_valid():
        limits = {name: form.cleaned_data[name] for name in ("total_budget_cents", "monthly_limit_cents")}
        if not with_costs and any(limits[name] > getattr(campaign, name) for name in limits):
            require_recent(request)
        try:
            costs = form.costs() if with_costs else None
            setup.set_budget(campaign, costs=costs, **limits, by=request.user, now=now)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            if not with_costs:
                messages.success(request, _("The budget is changed."))
                return redirect("console:campaigns:detail", pk)
            return go_on(request, campaign, "review")
    context = {"form": form, "with_costs": with_costs}
    context["suggestions"] = [
        (group, suggestions[group.pk]) for group in campaign.groups.select_related("marketplace", "category")
    ]
    return page(request, campaign, "budget", **context)


@member_required(*EDITORS)
def review(request: MemberRequest, pk: UUID) -> HttpResponse:
    campaign = editable_of(request, pk)
    now = clock.now()
    groups = campaign.groups.select_related("marketplace", "category").prefetch_related("choices__product")
    return page(
        request,
        campaign,
        "review",
        problems=[(problem, dict(STEPS)[problem.step]) for problem in problems_of(campaign, now=now)],
        warnings=warnings_of(campaign, now=now),
        moments=campaign.moments.all(),
        groups=groups,
        costs=pairs_of(campaign),
        offers_products=RewardGroup.Kind.PRODUCTS,
    )
