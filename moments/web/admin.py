"""Base classes for admin pages."""

import functools
from collections.abc import Callable, Collection, Iterable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import BaseModelAdmin
from django.contrib.admin.utils import label_for_field
from django.contrib.admin.widgets import AdminSplitDateTime, AutocompleteSelect
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from moments.money import display
from moments.web.forms import MoneyField, NumberField, UnstaleForm, WholeNumberField


class KnownSelect(AutocompleteSelect):
    """An autocomplete select that ignores invalid ids, for which Django's own widget raises an error."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        return super().optgroups(name, [text for text in value if self._is_id(text)], attr)

    def _is_id(self, text: str) -> bool:
        try:
            self.field.target_field.to_python(text)
        except ValidationError:
            return False
        return True


class PicksKnown(BaseModelAdmin):
    """Uses ``KnownSelect`` for ``autocomplete_fields``."""

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs["widget"] = KnownSelect(db_field, self.admin_site, using=kwargs.get("using"))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


class Operated(BaseModelAdmin):
    """Adds the permission "operate" for actions: the right to change the model, even on read-only pages."""

    def has_operate_permission(self, request: HttpRequest) -> bool:
        opts = self.model._meta
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")


def each(page: admin.ModelAdmin, request: HttpRequest, rows: Iterable[Any], act: Callable[..., object]) -> None:
    """Call ``act`` for each row and show a message per row. A refusal does not affect the other rows."""
    for row in rows:
        try:
            act(row)
        except RuleViolation as refusal:
            page.message_user(request, f"{row}: {refusal.message}", messages.ERROR)
        else:
            page.message_user(request, f"{row}: {_('done')}.", messages.SUCCESS)


def is_minor_units(model: type[models.Model], name: Any) -> bool:
    if not isinstance(name, str) or not (name == "cents" or name.endswith("_cents")):
        return False
    try:
        return isinstance(model._meta.get_field(name), models.IntegerField)
    except FieldDoesNotExist:
        return False


@functools.cache
def in_currency(model: type[models.Model], name: str) -> Callable[[Any], str]:
    """Return a display function for a column of minor units. Without a currency, amounts are in US dollars."""

    def shown(row: Any) -> str:
        cents = getattr(row, name)
        is_charge = name in getattr(model, "US_DOLLARS", ())
        currency = "USD" if is_charge else getattr(row, "currency", "USD")
        return "–" if cents is None else display(cents, currency)

    shown.__name__ = name.removesuffix("_cents") + "_money"
    return admin.display(shown, description=label_for_field(name, model, return_attr=False), ordering=name)


class InCurrency(BaseModelAdmin):
    """Shows and edits ``*_cents`` columns as amounts, and accepts numbers in plain digits only."""

    model: type[models.Model]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field = self._field_for(db_field, request, **kwargs)
        if field and isinstance(getattr(field.widget, "widget", field.widget), AdminSplitDateTime):
            for part, name in zip(field.widget.widgets, (_("date"), _("time")), strict=True):
                part.attrs["aria-label"] = f"{field.label}: {name}"
        return field

    def _field_for(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if is_minor_units(db_field.model, db_field.name):
            return money_field(db_field)
        if isinstance(db_field, models.IntegerField) and not db_field.choices:
            kwargs["form_class"] = WholeNumberField
        elif isinstance(db_field, models.DecimalField):
            kwargs["form_class"] = NumberField
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [self._shown(name) for name in super().get_readonly_fields(request, obj)]

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Replace columns that are only displayed by their formatted amounts."""
        shown = self._only_shown(request, obj)
        return [
            (title, {**options, "fields": [self._shown(name, shown) for name in options["fields"]]})
            for title, options in super().get_fieldsets(request, obj)
        ]

    def get_exclude(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Exclude columns that are only displayed from the form, under both names."""
        excluded: Collection[str] | None = super().get_exclude(request, obj)
        shown = self._only_shown(request, obj)
        if not shown:
            return excluded
        if excluded is None:
            excluded = getattr(self.form, "_meta", None) and self.form._meta.exclude
        return [*(excluded or []), *shown, *(in_currency(self.model, name) for name in shown)]

    def _only_shown(self, request: HttpRequest, obj: Model | None) -> set[str]:
        columns = {field.name for field in self.model._meta.fields if is_minor_units(self.model, field.name)}
        read_only = super().get_readonly_fields(request, obj)
        return columns & set(read_only) if self._may_edit(request, obj) else columns

    def _shown(self, name: Any, shown: set[str] | None = None) -> Any:
        if isinstance(name, tuple | list):
            return [self._shown(each, shown) for each in name]
        is_shown = is_minor_units(self.model, name) and (shown is None or name in shown)
        return in_currency(self.model, name) if is_shown else name

    def _may_edit(self, request: HttpRequest, obj: Model | None) -> bool:
        page: Any = self
        if isinstance(page, admin.options.InlineModelAdmin):
            return page.has_change_permission(request, obj) or page.has_add_permission(request, obj)
        return page.has_add_permission(request) if obj is None else page.has_change_permission(request, obj)


def money_field(column: models.Field) -> MoneyField:
    least = [check.limit_value for check in column.validators if isinstance(check, MinValueValidator)]
    return MoneyField(label=capfirst(column.verbose_name), required=not column.blank, least=max([0, *least]))


class LabeledRows(forms.BaseFormSet):
    """A formset in table form whose inputs get an ``aria-label`` with their field and row."""

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        row = "" if form.instance._state.adding else str(form.instance)
        for field in form.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {row}" if row else str(field.label)


def labeled(formset: type[forms.BaseFormSet]) -> type[forms.BaseFormSet]:
    return type(formset.__name__, (LabeledRows, formset), {})


class MoneyAdmin(InCurrency, admin.ModelAdmin):
    """Also formats amounts in the change list."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return [self._shown(name) for name in super().get_list_display(request)]


class EditableInline(InCurrency, PicksKnown, admin.TabularInline):
    """Editable related rows."""

    extra = 0

    def get_formset(self, request: HttpRequest, obj: Model | None = None, **kwargs: Any) -> Any:
        return labeled(super().get_formset(request, obj, **kwargs))


class NarrowAdmin(PicksKnown, Operated, MoneyAdmin):
    """Saves only the columns that the operator changed, so that concurrent changes to others are kept.

    A field that was changed by both is refused once (see ``UnstaleForm``). Rows cannot be deleted unless
    ``may_be_deleted``, because their history would be lost.
    """

    form: type[forms.ModelForm] = UnstaleForm
    may_be_deleted = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_be_deleted and super().has_delete_permission(request, obj)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show a ``RuleViolation`` raised while saving as a message. The transaction is rolled back."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except RuleViolation as refusal:
            messages.error(request, refusal.message)
            return redirect(request.get_full_path())

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> Any:
        return super().get_changelist_form(request, **{"form": UnstaleForm, **kwargs})

    def get_changelist_formset(self, request: HttpRequest, **kwargs: Any) -> Any:
        return labeled(super().get_changelist_formset(request, **kwargs))

    def save_model(self, request: HttpRequest, obj: Model, form: Any, change: bool) -> None:
        if not change:
            obj.save()
        elif columns := [f for f in form.changed_data if f in {c.name for c in obj._meta.concrete_fields}]:
            obj.save(update_fields=columns)


class ReadOnlyAdmin(Operated, MoneyAdmin):
    """An admin page without adding, changing and deleting, for ledgers, rewards and emails."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(InCurrency, admin.TabularInline):
    """Related rows without editing."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[Any]:
        return [self._shown(name) for name in self.fields or super().get_readonly_fields(request, obj)]

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False
