"""Operators' pages: marketplaces, categories, prices, stock, tax, exchange rates, countries."""

import datetime as dt
from typing import Any

from babel.numbers import is_currency
from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from catalog import stock
from catalog.delivery_countries import country_name
from catalog.models import (
    Category,
    DeliveryCountry,
    ExchangeRate,
    ManualSubstitute,
    Marketplace,
    PriceChange,
    Product,
    ProductPicture,
    ProductSize,
    StockMove,
    TaxRate,
)
from catalog.picture_forms import UploadedPicture
from catalog.pricing import prices
from catalog.pricing.tax import in_percent
from catalog.text_forms import TextsForm, text_fields
from moments import clock
from moments.money import display
from moments.registry import missing_settings, promised_units
from moments.web.admin import EditableInline, NarrowAdmin, ReadOnlyInline
from moments.web.admin_filters import NamedValuesFilter
from moments.web.forms import UnstaleForm, WholeNumberField, time_zones

MOST_UNITS = 1_000_000


@admin.register(DeliveryCountry)
class DeliveryCountryAdmin(NarrowAdmin):
    may_be_deleted = True
    list_display = ["code", "name", "is_served"]
    list_editable = ["is_served"]
    list_filter = ["is_served"]
    search_fields = ["code"]
    list_per_page = 250

    @admin.display(description=_("name"))
    def name(self, row: DeliveryCountry) -> str:
        return country_name(row.code)


class MarketplaceForm(UnstaleForm):
    """Its amounts are in the currency that it is saved with."""

    def currency(self) -> str:
        typed = self["currency"].value() if "currency" in self.fields else ""
        return str(typed or "").strip().upper() or super().currency()

    def clean_time_zone(self) -> str:
        name = self.cleaned_data["time_zone"].strip()
        if name not in time_zones():
            raise forms.ValidationError(_("“%s” is not the name of a time zone, such as Europe/Berlin.") % name)
        return name

    def clean_currency(self) -> str:
        code = self.cleaned_data["currency"].upper()
        if not is_currency(code):
            raise forms.ValidationError(_("“%s” is not the code of a currency, such as USD or JPY.") % code)
        return code


@admin.register(Marketplace)
class MarketplaceAdmin(NarrowAdmin):
    form = MarketplaceForm
    list_display = ["code", "name", "currency", "prices_include_tax", "free_shipping", "flat_shipping", "serves"]
    filter_horizontal = ["countries"]
    readonly_fields = ["taxes"]

    @admin.display(description=_("tax rates"))
    def taxes(self, row: Marketplace) -> str:
        """On a list of their own: a store has one for each state, and a table of them here took a second."""
        if row._state.adding:
            return "–"
        page = f"{reverse('admin:catalog_taxrate_changelist')}?marketplace__code__exact={row.pk}"
        return format_html('<a href="{}">{}</a>', page, _("%d tax rates") % row.tax_rates.count())

    @admin.display(description=_("free shipping from"))
    def free_shipping(self, row: Marketplace) -> str:
        return display(row.free_shipping_from_cents, row.currency)

    @admin.display(description=_("below that"))
    def flat_shipping(self, row: Marketplace) -> str:
        return display(row.flat_shipping_cents, row.currency)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Marketplace]:
        return super().get_queryset(request).annotate(served=Count("countries"))

    @admin.display(description=_("countries"), ordering="served")
    def serves(self, row: Any) -> int:
        return row.served


@admin.register(Category)
class CategoryAdmin(NarrowAdmin):
    may_be_deleted = True
    list_display = ["name", "slug", "position"]
    prepopulated_fields = {"slug": ["name"]}
    search_fields = ["name"]


class PriceInline(ReadOnlyInline):
    model = PriceChange
    fields = ["occurred_at", "price_cents"]
    show_change_link = False


class StockInline(ReadOnlyInline):
    model = StockMove
    fields = ["occurred_at", "size", "units", "reason", "reference"]
    show_change_link = False


class CountForm(UnstaleForm):
    """The expected stock, for whoever counted it to correct. ``short`` is how many committed units are missing."""

    counted_stock = WholeNumberField(
        label=_("On the shelf"),
        min_value=0,
        max_value=MOST_UNITS,
        required=False,
        help_text=_(
            "What a person counts there, also what is held in a checkout or ordered and not picked yet: that is kept, "
            "the rest is in stock. Count and save while nothing is picked. The difference is noted."
        ),
    )
    short = 0

    def count(self, product: Product, size: ProductSize | None = None, *, now: dt.datetime) -> None:
        counted = self.cleaned_data.get("counted_stock")
        if counted is not None and "counted_stock" in self.changed_data:
            self.short = stock.count_units(product, counted, size=size, now=now)

    def tell_if_short(self, request: HttpRequest) -> None:
        if self.short:
            warning = ngettext(
                "%(what)s: %(short)d unit that is held or ordered is not there, so none is free. Report what you do "
                "not find as missing.",
                "%(what)s: %(short)d units that are held or ordered are not there, so none is free. Report what you "
                "do not find as missing.",
                self.short,
            )
            messages.warning(request, warning % {"what": self.instance, "short": self.short})


class SizeForm(CountForm):
    """A size is added, and its stock counted, by the services that keep the stock's history."""

    class Meta:
        model = ProductSize
        fields = ["label", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and self.instance.product.kind != Product.Kind.MADE_TO_ORDER:
            self.initial["counted_stock"] = stock.units_on_shelf(self.instance.product, self.instance)

    def clean(self) -> dict[str, Any]:
        if self.instance.product.kind == Product.Kind.DIGITAL:
            raise forms.ValidationError(_("A code or link has no size."))
        return super().clean()

    def save(self, commit: bool = True) -> ProductSize:
        found, now = self.instance, clock.now()
        if found._state.adding:
            found = stock.add_size(found.product, found.label, position=found.position, now=now)
            self.instance = found
        else:
            super().save()
        self.count(found.product, found, now=now)
        return found


class SizeInline(EditableInline):
    model = ProductSize
    form = SizeForm
    fields = ["label", "position", "stock", "counted_stock"]
    readonly_fields = ["stock"]


class ManualSubstituteForm(UnstaleForm):
    class Meta:
        model = ManualSubstitute
        fields = ["position", "equal", "is_value_checked"]

    def clean(self) -> dict[str, Any]:
        found = super().clean()
        if (equal := found.get("equal")) and (problem := problem_with_substitute(self.instance.product, equal)):
            self.add_error("equal", problem)
        return found


def problem_with_substitute(product: Product, equal: Product) -> str:
    """Why it could never be offered instead; empty where it can."""
    if product == equal:
        return gettext("Nothing stands in for itself.")
    if equal.marketplace_id != product.marketplace_id:
        return gettext("“%(equal)s” is of another store.") % {"equal": equal}
    if Product.Kind.DIGITAL in {product.kind, equal.kind} and product.kind != equal.kind:
        return gettext("A parcel stands in for a parcel, and a code for a code.")
    if equal.own_of_id not in (None, product.own_of_id):
        return gettext("“%(equal)s” is an organization's own product.") % {"equal": equal}
    return ""


class ManualSubstituteInline(EditableInline):
    model = ManualSubstitute
    form = ManualSubstituteForm
    fk_name = "product"
    autocomplete_fields = ["equal"]


class PictureForm(UploadedPicture):
    picture_field = "image"

    class Meta:
        model = ProductPicture
        fields = ["position", "image", "alt"]

    def organization(self) -> Organization | None:
        return self.instance.product.own_of

    def save(self, commit: bool = True) -> Any:
        self.store_picture(self.instance)
        return super().save(commit=commit)


class PictureInline(EditableInline):
    model = ProductPicture
    form = PictureForm


class ProductForm(TextsForm, UploadedPicture, CountForm):
    """Price and stock are typed here and moved by the services that keep their histories."""

    picture_field = "picture"

    class Meta:
        model = Product
        exclude: list[str] = ["translations"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        counted = self.fields["counted_stock"]
        if self.instance.pk and self.instance.sizes.exists():
            counted.help_text = _("Empty: what comes in sizes is counted beside each size.")
        elif self.instance.pk and self.instance.kind != Product.Kind.MADE_TO_ORDER:
            self.initial["counted_stock"] = stock.units_on_shelf(self.instance)
            kept = _("Kept now: %d.") % promised_units(self.instance, None)
            counted.help_text = f"{counted.help_text} {kept}"

    def currency(self) -> str:
        """Of the marketplace that the form chooses."""
        if "marketplace" not in self.fields:
            return super().currency()
        chosen = str(self["marketplace"].value() or "")
        found = dict(Marketplace.objects.values_list("code", "currency")).get(chosen)
        for name in () if found else ("list_price_cents", "price_cents"):
            self.fields[name].help_text = _("In the currency of the marketplace.")
        return found or "USD"

    def clean_fulfillment(self) -> str:
        """Refuse to choose a provider that cannot be called. What was chosen before is only warned of."""
        chosen = self.cleaned_data["fulfillment"]
        is_new = not self.instance.pk or "fulfillment" in self.changed_data
        if is_new and (missing := missing_settings(chosen)):
            raise forms.ValidationError(_("This provider cannot be called: %s") % missing)
        return chosen

    def tell_if_uncallable(self, request: HttpRequest) -> None:
        if missing := missing_settings(self.instance.fulfillment):
            text = _("Orders of this product wait, because its provider cannot be called: %s")
            messages.warning(request, text % missing)

    def clean_counted_stock(self) -> int | None:
        counted = self.cleaned_data["counted_stock"]
        if counted is not None and self.instance.pk and self.instance.sizes.exists():
            raise forms.ValidationError(_("This product comes in sizes: count each of them."))
        return counted


@admin.register(Product)
class ProductAdmin(NarrowAdmin):
    form = ProductForm
    list_display = ["title", "marketplace", "category", "price", "stock", "is_offered", "is_curated", "thumbnail"]
    list_editable = ["is_offered", "is_curated"]
    list_filter = ["marketplace", "category", "kind", "fulfillment", "is_offered", "is_curated"]
    search_fields = ["title", "sku", "description"]
    autocomplete_fields = ["own_of", "category"]
    list_select_related = ["marketplace", "category"]
    readonly_fields = ["stock", "created_at", "thumbnail"]
    inlines = [PictureInline, SizeInline, ManualSubstituteInline, PriceInline, StockInline]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        texts = list(text_fields())
        own = [name for name in self.get_fields(request, obj) if name not in texts]
        return [(None, {"fields": own}), (_("In other languages"), {"fields": texts, "classes": ["collapse"]})]

    @admin.display(description=_("price"), ordering="price_cents")
    def price(self, product: Product) -> str:
        return display(product.price_cents, product.marketplace.currency)

    @admin.display(description=_("picture"))
    def thumbnail(self, product: Product) -> str:
        if not product.picture:
            return "–"
        return format_html('<img src="{}" alt="" width="48" height="48">', product.thumbnail_url)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if not isinstance(form, ProductForm):  # of the list, which has ticks alone
            super().save_model(request, obj, form, change)
            return
        now = clock.now()
        if set(text_fields()) & set(form.changed_data):
            form.changed_data.append("translations")
        form.store_picture(obj)
        price, is_new_price = obj.price_cents, "price_cents" in form.changed_data
        if change and is_new_price:
            form.changed_data.remove("price_cents")
            obj.price_cents = form.initial["price_cents"]
        super().save_model(request, obj, form, change)
        if not change:
            prices.record_first_price(obj, now=now)
        elif is_new_price:
            prices.set_price(obj, price, now=now)
        form.count(obj, now=now)
        form.tell_if_short(request)
        form.tell_if_transparent(request)
        form.tell_if_uncallable(request)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        super().save_formset(request, form, formset, change)
        for each in formset.forms:
            if isinstance(each, SizeForm):
                each.tell_if_short(request)
            if isinstance(each, PictureForm):
                each.tell_if_transparent(request)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Product | None:
        """What a form changes is decided on the row as nobody else can change it."""
        found = super().get_object(request, object_id, from_field)
        if found and request.method == "POST" and transaction.get_connection().in_atomic_block:
            stock.lock_products([found])
            found.refresh_from_db()
        return found


@admin.register(ExchangeRate)
class ExchangeRateAdmin(NarrowAdmin):
    may_be_deleted = True
    list_display = ["currency", "usd", "valid_from"]
    list_filter = ["currency"]


@admin.register(TaxRate)
class TaxRateAdmin(NarrowAdmin):
    may_be_deleted = True
    list_display = ["marketplace", "country", "region", "percent", "valid_from"]
    list_filter = ["marketplace", ("country", NamedValuesFilter)]
    list_select_related = ["marketplace"]
    search_fields = ["country", "region"]

    @admin.display(description=_("rate"), ordering="rate")
    def percent(self, row: TaxRate) -> str:
        return in_percent(row.rate)
