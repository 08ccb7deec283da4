"""A submitted version as people read it: labels as in the editor, money and times formatted, store by store."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Organization
from campaigns.models import Banner, Campaign, RewardGroup
from catalog.models import Marketplace, Product
from moments.errors import RuleViolation
from moments.i18n.datetimes import display_instant
from moments.money import display, parse

DETAILS = {
    "name": gettext_lazy("Name"),
    "app": gettext_lazy("App"),
    "kind": gettext_lazy("Kind"),
    "starts_at": gettext_lazy("Starts"),
    "ends_at": gettext_lazy("Ends"),
    "time_zone": gettext_lazy("Time zone"),
    "goes_live": gettext_lazy("Goes live"),
    "per_user_limit": gettext_lazy("Rewards per user and moment"),
    "support_contact": gettext_lazy("Support contact"),
    "return_link": gettext_lazy("Return link"),
    "total_budget": gettext_lazy("Total budget"),
    "monthly_limit": gettext_lazy("Monthly limit"),
}
TEXTS = {
    "announcement_message": gettext_lazy("Announcement message"),
    "redemption_message": gettext_lazy("Redemption message"),
    "banner": gettext_lazy("Banner"),
    "banner_alt": gettext_lazy("Banner's alternative text"),
    "terms": gettext_lazy("Terms"),
}
OF_MOMENT = {
    "description": gettext_lazy("What the user does"),
    "audience_note": gettext_lazy("Audience"),
    "share_percent": gettext_lazy("Share of users"),
}
OF_GROUP = {
    "marketplace": gettext_lazy("Store"),
    "kind": gettext_lazy("Kind"),
    "category": gettext_lazy("Category"),
    "percent_off": gettext_lazy("Percent off"),
}
OF_PRODUCT = {"title", "reward_value"}  # both are in one row
GOES_LIVE = {
    Campaign.GoesLive.BY_BUTTON: gettext_lazy("when the developer presses Go live"),
    Campaign.GoesLive.BY_DATE: gettext_lazy("automatically at the start"),
}


@dataclass(frozen=True)
class Row:
    """``paths`` are what it shows of the snapshot, as ``diff_versions`` names it. ``has_label``: somebody named it."""

    label: str
    value: str
    paths: tuple[str, ...]
    product: Product | None = None
    banner: Banner | None = None
    has_label: bool = True


@dataclass
class Section:
    title: str
    rows: list[Row] = field(default_factory=list)
    store: str = ""  # the marketplace's code, where it is about one


@dataclass(frozen=True)
class Known:
    """What the rows name and show, by the keys that a snapshot has; in three queries however much that is."""

    stores: dict[str, Marketplace]
    products: dict[str, Product]
    banners: dict[str, Banner]

    def currency(self, store: str) -> str:
        return self.stores[store].currency if store in self.stores else "USD"

    def store_name(self, store: str) -> str:
        return str(self.stores.get(store, store))


@dataclass(frozen=True)
class Change:
    label: str
    before: Row | None
    after: Row | None


def known_of(organization: Organization, *contents: dict) -> Known:
    skus = {
        sku for content in contents for group in content.get("groups", {}).values() for sku in group.get("products", {})
    }
    shas = {content["banner"] for content in contents if content.get("banner")}
    banners = Banner.objects.filter(organization=organization, sha256__in=shas)
    return Known(
        {store.pk: store for store in Marketplace.objects.all()},
        {product.sku: product for product in Product.objects.filter(sku__in=skus)},
        {banner.sha256: banner for banner in banners},
    )


def sections_of(content: dict, known: Known) -> list[Section]:
    """Everything that ``content`` says. What nobody has named a label for is shown under its key made readable."""
    groups, moments = content.get("groups", {}), content.get("moments", {})
    named = {*DETAILS, *TEXTS, "translations", "moments", "groups", "exchange_rates"}
    details = [_row(name, label, _detail(name, content)) for name, label in DETAILS.items() if name in content]
    details += [row for name in content if name not in named for row in _unnamed(name, content[name])]
    return [
        Section(_("Details"), details),
        Section(_("Messages"), [_text(name, content, known) for name in TEXTS if name in content]),
        *(_translation(code, texts) for code, texts in content.get("translations", {}).items()),
        *(_moment(key, moment) for key, moment in moments.items()),
        *(_group(key, group, moments, known) for key, group in groups.items()),
        Section(_("Exchange rates"), list(_rates(content.get("exchange_rates", {})))),
    ]


def changes_between(old: dict, new: dict, known: Known) -> list[Change]:
    """Row by row what differs, in the order of the page."""
    before, after = _by_path(old, known), _by_path(new, known)
    found = []
    for paths in [*after, *(paths for paths in before if paths not in after)]:
        was, now = before.get(paths), after.get(paths)
        if _shown(was) != _shown(now):
            section, row = now or before[paths]
            found.append(Change(f"{section.title}: {row.label}", was and was[1], now and now[1]))
    return found


def _by_path(content: dict, known: Known) -> dict[tuple[str, ...], tuple[Section, Row]]:
    return {row.paths: (section, row) for section in sections_of(content, known) for row in section.rows}


def _shown(found: tuple[Section, Row] | None) -> tuple[str, Banner | None] | None:
    return (found[1].value, found[1].banner) if found else None


def _row(path: str, label: object, value: Any, **shown: Any) -> Row:
    return Row(str(label), "" if value is None else str(value), (path,), **shown)


def _unnamed(path: str, value: Any) -> Iterator[Row]:
    name = path.rpartition(".")[2].replace("_", " ").capitalize()
    if not isinstance(value, dict):
        yield _row(path, name, value, has_label=False)
        return
    for key, inner in value.items():
        yield from _unnamed(f"{path}.{key}", inner)


def _detail(name: str, content: dict) -> str:
    value = content[name]
    if name in {"starts_at", "ends_at"}:
        return display_instant(dt.datetime.fromisoformat(value), content.get("time_zone", "UTC")) if value else ""
    if name in {"total_budget", "monthly_limit"}:
        return dollars(value)
    if name == "kind":
        return _choice(Campaign.Kind, value)
    return str(GOES_LIVE.get(value, value)) if name == "goes_live" else value


def _choice(choices: Any, value: str) -> str:
    return str(choices(value).label) if value in choices.values else value


def dollars(text: str) -> str:
    """``"27.50"``, as a snapshot has it, as people read it."""
    try:
        return display(parse(text))
    except RuleViolation:
        return text


def _text(name: str, content: dict, known: Known) -> Row:
    if name != "banner":
        return _row(name, TEXTS[name], content[name])
    banner = known.banners.get(content[name])
    missing = _("This picture is no longer kept.") if content[name] and not banner else ""
    return _row(name, TEXTS[name], missing, banner=banner)


def _translation(code: str, texts: dict) -> Section:
    title = _("Messages in %s") % dict(settings.LANGUAGES).get(code, code)
    path = f"translations.{code}"
    rows = [_row(f"{path}.{name}", label, texts[name]) for name, label in TEXTS.items() if name in texts]
    rows += [row for name in texts if name not in TEXTS for row in _unnamed(f"{path}.{name}", texts[name])]
    return Section(title, rows)


def _moment(key: str, moment: dict) -> Section:
    """Its costs are with what they pay for, store by store."""
    path = f"moments.{key}"
    rows = [
        _row(f"{path}.{name}", label, _percent(moment[name]) if name == "share_percent" else moment[name])
        for name, label in OF_MOMENT.items()
        if name in moment
    ]
    if "cpa" in moment and not isinstance(moment["cpa"], dict):  # of versions from before each store had its own
        rows.append(_row(f"{path}.cpa", _("Cost per action"), dollars(moment["cpa"])))
    rows += [
        row for name in moment if name not in {*OF_MOMENT, "cpa"} for row in _unnamed(f"{path}.{name}", moment[name])
    ]
    return Section(_("Moment “%s”") % key, rows)


def _group(key: str, group: dict, moments: dict, known: Known) -> Section:
    store, path = group.get("marketplace", ""), f"groups.{key}"
    rows = [
        _row(f"{path}.{name}", label, _of_group(name, group[name], known))
        for name, label in OF_GROUP.items()
        if name in group
    ]
    for sku, said in group.get("products", {}).items():
        rows += _product(f"{path}.products.{sku}", sku, said, store, known)
    rows += [
        row for name in group if name not in {*OF_GROUP, "products"} for row in _unnamed(f"{path}.{name}", group[name])
    ]
    for moment, said in moments.items():
        costs = said.get("cpa")
        if isinstance(costs, dict) and key in costs:
            label = _("Cost per action of “%s”") % moment
            rows.append(_row(f"moments.{moment}.cpa.{key}", label, dollars(costs[key])))
    return Section(_("Rewards in %s") % known.store_name(store), rows, store)


def _of_group(name: str, value: Any, known: Known) -> str:
    if name == "marketplace":
        return known.store_name(value)
    if name == "kind":
        return _choice(RewardGroup.Kind, value)
    return _percent(value) if name == "percent_off" else value


def _percent(value: int | None) -> str:
    return "" if value is None else f"{value} %"


def _product(path: str, sku: str, said: dict, store: str, known: Known) -> Iterator[Row]:
    cents = said.get("reward_value")
    worth = "" if cents is None else display(int(cents), known.currency(store))
    value = " · ".join(part for part in (said.get("title", ""), worth) if part)
    paths = tuple(f"{path}.{name}" for name in said if name in OF_PRODUCT)
    yield Row(_("Product %s") % sku, value, paths, product=known.products.get(sku))
    for name in said:
        if name not in OF_PRODUCT:
            yield from _unnamed(f"{path}.{name}", said[name])


def _rates(rates: dict) -> Iterator[Row]:
    for currency, rate in rates.items():
        yield _row(f"exchange_rates.{currency}", _("1 %s in US dollars") % currency, rate)
