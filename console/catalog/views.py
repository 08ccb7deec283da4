"""Console pages for the stores' products and the cost of a reward for each."""

from dataclasses import dataclass

from django.core.paginator import Page, Paginator
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.models import Organization
from accounts.organizations.access import MemberRequest, member_required
from campaigns.models import Campaign
from campaigns.setup.cpa import CpaSuggestion, suggest_for_products
from catalog.models import Category, Marketplace, Product
from catalog.search import search_products
from console.campaigns.forms import SearchForm
from moments import clock

HITS = 24
DRAFTS = 20


@dataclass(frozen=True)
class Search:
    """A submitted search with one page of (product, suggested cost) pairs."""

    form: SearchForm
    category: Category | None
    page: Page
    hits: list[tuple[Product, CpaSuggestion]]
    query: str


def search(typed: QueryDict, marketplace: Marketplace, organization: Organization) -> Search:
    """Search the products that the organization may offer in a store. Stock is not shown, since orders change it."""
    form = SearchForm(typed or None, currency=marketplace.currency)
    found = form.cleaned_data if form.is_bound and form.is_valid() else {}
    products = search_products(
        text=found.get("q", ""),
        category=found.get("category"),
        min_cents=found.get("least"),
        max_cents=found.get("most"),
        marketplace=marketplace,
        offered_to=organization,
    )
    page = Paginator(products, HITS).get_page(typed.get("page"))
    costs = suggest_for_products(page.object_list, marketplace, now=clock.now())
    hits = [(product, costs[product.pk]) for product in page.object_list]
    query = typed.copy()
    query.pop("page", None)
    return Search(form, found.get("category"), page, hits, query.urlencode())


@require_safe
@member_required()
def catalog(request: MemberRequest, store: str = "US") -> HttpResponse:
    marketplace = get_object_or_404(Marketplace, pk=store)
    stocked = Product.objects.offered_to(request.member.organization).values("marketplace")
    context = {
        "store": marketplace,
        "stores": Marketplace.objects.filter(pk__in=stocked),
        "search": search(request.GET, marketplace, request.member.organization),
    }
    return render(request, "console/catalog/list.html", context)


@require_safe
@member_required()
def product(request: MemberRequest, pk: int) -> HttpResponse:
    organization = request.member.organization
    offered = Product.objects.offered_to(organization).select_related("marketplace", "category")
    found = get_object_or_404(offered, pk=pk)
    campaigns = Campaign.objects.visible_to(request.member).filter(archived_at=None).order_by("-created_at")
    context = {
        "product": found,
        "cost": suggest_for_products([found], found.marketplace, now=clock.now())[found.pk],
        "offering": campaigns.filter(groups__choices__product=found),
        "drafts": campaigns.filter(status__in=Campaign.EDITABLE).exclude(groups__choices__product=found)[:DRAFTS],
    }
    return render(request, "console/catalog/product.html", context)
