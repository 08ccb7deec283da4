"""What operators' pages share."""

from django.contrib import admin, messages
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from moments.errors import RuleViolation
from moments.forms import UnstaleForm


class KnownSelect(AutocompleteSelect):
    """What is no id at all selects nothing; Django's own asks the database for it, and trips."""

    def optgroups(self, name, value, attr=None):
        return super().optgroups(name, [text for text in value if self._is_id(text)], attr)

    def _is_id(self, text) -> bool:
        try:
            self.field.target_field.to_python(text)
        except ValidationError:
            return False
        return True


class PicksKnown:
    """For ``autocomplete_fields``."""

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name in self.get_autocomplete_fields(request):  # type: ignore[attr-defined]
            kwargs["widget"] = KnownSelect(db_field, self.admin_site, using=kwargs.get("using"))  # type: ignore[attr-defined]
        return super().formfield_for_foreignkey(db_field, request, **kwargs)  # type: ignore[misc]


class Operated:
    """Actions with ``permissions=["operate"]`` take the right to change the model, also where rows are read-only."""

    def has_operate_permission(self, request) -> bool:
        opts = self.model._meta  # type: ignore[attr-defined]
        return request.user.has_perm(f"{opts.app_label}.change_{opts.model_name}")


def each(page: admin.ModelAdmin, request, rows, act) -> None:
    """What an action does to each row; one that is refused says why and holds up no other."""
    for row in rows:
        try:
            act(row)
        except RuleViolation as refusal:
            page.message_user(request, f"{row}: {refusal.message}", messages.ERROR)
        else:
            page.message_user(request, f"{row}: {_('done')}.", messages.SUCCESS)


class NarrowAdmin(PicksKnown, Operated, admin.ModelAdmin):
    """Saves only the columns that the operator changed: a stock or a balance that moved meanwhile stays as it is.

    So does, in a page that was opened before, all that somebody else has changed since.
    """

    form = UnstaleForm

    def get_changelist_form(self, request, **kwargs):
        return super().get_changelist_form(request, **{"form": UnstaleForm, **kwargs})

    def save_model(self, request, obj, form, change):
        if not change:
            obj.save()
        elif columns := [f for f in form.changed_data if f in {c.name for c in obj._meta.concrete_fields}]:
            obj.save(update_fields=columns)


class ReadOnlyAdmin(Operated, admin.ModelAdmin):
    """Ledgers, rewards, mails: to look at, never to edit."""

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class ReadOnlyInline(admin.TabularInline):
    """Related rows to look at."""

    extra = 0
    can_delete = False
    show_change_link = True

    def get_readonly_fields(self, request, obj=None):
        return self.fields or super().get_readonly_fields(request, obj)

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False
