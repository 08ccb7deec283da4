"""Operators' pages: people, organizations, keys, support."""

from collections.abc import Callable
from typing import Any, cast

from allauth.account.admin import EmailAddressAdmin as AllauthEmailAddressAdmin
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from allauth.usersessions.models import UserSession
from axes import admin as axes_admin
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import (
    ApiKey,
    App,
    AuditEntry,
    DataAccessLog,
    IneligibleCountry,
    Invitation,
    Member,
    Organization,
    StoredPicture,
    SupportMessage,
    SupportRequest,
    User,
)
from accounts.organizations import service as services
from accounts.organizations.eligibility import country_name
from accounts.privacy.access_log import masked_address, masked_email, masked_name
from accounts.privacy.access_log_admin import BreakGlassAdmin
from accounts.sign_in.security_notices import REMOVED, notify_owner
from accounts.support.requests import reply_by_mail
from moments import clock
from moments.errors import RuleViolation
from moments.web.admin import EditableInline, NarrowAdmin, ReadOnlyAdmin, ReadOnlyInline
from moments.web.forms import UnstaleForm


class LowerCase(forms.ModelForm):
    def clean_email(self) -> str:
        """As it is kept, however it is typed."""
        return self.cleaned_data["email"].lower()


class UserForm(LowerCase, UserChangeForm):
    pass


class NewUserForm(LowerCase, AdminUserCreationForm):
    pass


@admin.register(User)
class UserAdmin(BreakGlassAdmin, DjangoUserAdmin):
    """Nobody is deleted here: a customer's data is erased by the customer, and what is owed stays. Who was erased is
    not changed: a page that was opened before would bring back who they were."""

    form, add_form = UserForm, NewUserForm
    personal = {"email": masked_email, "name": masked_name}
    list_display = ["email", "name", "is_staff", "is_active", "joined_at"]
    list_filter = ["is_staff", "is_active"]
    search_fields = ["email", "name"]
    ordering = ["email"]
    fieldsets = [
        (None, {"fields": ["email", "password", "name", "time_zone"]}),
        (_("Rights"), {"fields": ["is_active", "is_staff", "is_superuser", "groups", "user_permissions"]}),
        (_("Dates"), {"fields": ["joined_at", "last_login"]}),
    ]
    readonly_fields = ["joined_at", "last_login"]
    add_fieldsets = [(None, {"classes": ["wide"], "fields": ["email", "usable_password", "password1", "password2"]})]

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return not (obj and obj.erased_at) and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        if asked := self._ask_first(request, id):
            return asked
        answer = super().user_change_password(request, id, form_url)
        if request.method == "POST" and answer.status_code == 302:
            notify_owner(User.objects.get(pk=id), "by_operator")
        return answer

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "email" in form.changed_data:
            notify_owner(obj, "by_operator")


class MemberInline(EditableInline):
    model = Member
    raw_id_fields = ["user"]


class AppInline(ReadOnlyInline):
    model = App
    fields = ["name", "url", "created_at", "archived_at"]


@admin.register(Organization)
class OrganizationAdmin(NarrowAdmin):
    list_display = ["name", "country", "status", "monthly_limit_cents", "payment_waived_at", "created_at"]
    list_filter = ["status", "country", ("payment_waived_at", admin.EmptyFieldListFilter)]
    search_fields = ["name"]
    readonly_fields = ["status", "monthly_limit_cents", "payment_waived_at", "created_at"]
    inlines = [MemberInline, AppInline]
    actions = ["suspend", "reinstate", "waive_payment"]

    def _each(self, request: HttpRequest, organizations: QuerySet[Organization], act: Callable[..., object]) -> None:
        for organization in organizations:
            try:
                act(organization)
            except RuleViolation as refusal:
                self.message_user(request, f"{organization}: {refusal.message}", messages.ERROR)
            else:
                self.log_change(request, organization, act.__name__.replace("_", " "))
                self.message_user(request, f"{organization}: {_('done')}.", messages.SUCCESS)

    @admin.action(permissions=["operate"], description=_("Suspend: issue nothing more"))
    def suspend(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        self._each(request, queryset, services.suspend_organization)

    @admin.action(permissions=["operate"], description=_("Reinstate"))
    def reinstate(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        self._each(request, queryset, services.reinstate_organization)

    @admin.action(permissions=["operate"], description=_("Waive payment: may run campaigns, is billed outside"))
    def waive_payment(self, request: HttpRequest, queryset: QuerySet[Organization]) -> None:
        now = clock.now()

        def waive_payment(organization: Organization) -> None:
            services.waive_payment(organization, now=now)

        self._each(request, queryset, waive_payment)


class KeyInline(ReadOnlyInline):
    model = ApiKey
    fields = ["hint", "mode", "name", "created_at", "last_used_at", "expires_at", "revoked_at"]


class AppForm(UnstaleForm):
    class Meta:
        model = App
        exclude: list[str] = []

    def clean_ip_allowlist(self) -> list[str]:
        try:
            return services.parse_allowlist("\n".join(self.cleaned_data["ip_allowlist"]))
        except RuleViolation as refusal:
            raise forms.ValidationError(refusal.message) from None


@admin.register(App)
class AppAdmin(NarrowAdmin):
    form = AppForm
    list_display = ["name", "organization", "opens_in", "rate_per_second", "created_at", "archived_at"]
    list_filter = ["opens_in", ("archived_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "organization__name", "id"]
    autocomplete_fields = ["organization"]
    readonly_fields = ["id", "created_at"]
    inlines = [KeyInline]


@admin.register(ApiKey)
class ApiKeyAdmin(ReadOnlyAdmin):
    list_display = ["hint", "app", "mode", "name", "created_at", "last_used_at", "expires_at", "revoked_at"]
    list_filter = ["mode", ("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["hint", "name", "app__name", "app__organization__name"]
    list_select_related = ["app"]
    exclude = ["scopes"]  # nothing enforces them yet


@admin.register(Invitation)
class InvitationAdmin(BreakGlassAdmin, ReadOnlyAdmin):
    personal = {"email": masked_email}
    list_display = ["email", "organization", "role", "created_at", "expires_at", "accepted_at", "withdrawn_at"]
    search_fields = ["email", "organization__name"]


@admin.register(IneligibleCountry)
class IneligibleCountryAdmin(NarrowAdmin):
    may_be_deleted = True
    list_display = ["code", "country", "reason"]

    @admin.display(description=_("country"))
    def country(self, row: IneligibleCountry) -> str:
        return country_name(row.code)


class MessageInline(ReadOnlyInline):
    model = SupportMessage
    fields = ["created_at", "author", "from_operator", "body", "picture"]
    show_change_link = False


class AnswerForm(forms.ModelForm):
    answer = forms.CharField(
        label=_("Your answer"), required=False, max_length=5000, widget=forms.Textarea({"rows": 6, "cols": 80})
    )

    class Meta:
        model = SupportRequest
        fields: list[str] = []


@admin.register(SupportRequest)
class SupportRequestAdmin(NarrowAdmin):
    """Answer in the field below the thread: the asker gets it by mail."""

    form = AnswerForm
    list_display = ["subject", "organization", "kind", "status", "opened_by", "created_at"]
    list_filter = ["status", "kind"]
    search_fields = ["subject", "organization__name", "messages__body"]
    readonly_fields = ["organization", "kind", "subject", "status", "opened_by", "created_at"]
    fields = [*readonly_fields, "answer"]
    inlines = [MessageInline]
    actions = ["close"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if answer := form.cleaned_data["answer"].strip():
            reply_by_mail(obj, author=cast(User, request.user), body=answer, from_operator=True, now=clock.now())

    @admin.action(permissions=["operate"], description=_("Close"))
    def close(self, request: HttpRequest, queryset: QuerySet[SupportRequest]) -> None:
        for found in queryset:
            try:
                services.close_request(found)
            except RuleViolation as refusal:
                self.message_user(request, f"{found}: {refusal.message}", messages.ERROR)


@admin.register(StoredPicture)
class StoredPictureAdmin(ReadOnlyAdmin):
    """What an organization's quota of pictures is used for."""

    list_display = ["path", "organization", "size", "created_at", "unused_since"]
    search_fields = ["path", "organization__name"]
    list_select_related = ["organization"]


for model in (Authenticator, UserSession, EmailAddress, AccessAttempt, AccessFailureLog, AccessLog):
    admin.site.unregister(model)
admin.site.unregister([SocialAccount, SocialApp, SocialToken])  # settings name the providers, and a person's is theirs


@admin.register(Authenticator)
class AuthenticatorAdmin(BreakGlassAdmin, ReadOnlyAdmin):
    """Who has lost a second factor, and has shown who they are, is helped by its removal. Its secret is not shown."""

    personal = {"user": masked_email}
    list_display = ["user", "type", "created_at", "last_used_at"]
    list_filter = ["type"]
    search_fields = ["user__email"]
    list_select_related = ["user"]
    fields = ["user", "type", "created_at", "last_used_at"]
    actions = ["remove"]

    @admin.action(permissions=["operate"], description=_("Remove: its owner has shown who they are"))
    def remove(self, request: HttpRequest, queryset: QuerySet[Authenticator]) -> None:
        for found in queryset:
            with transaction.atomic():
                self.log_change(request, found.user, f"removed {found.type}")
                found.delete()
                notify_owner(found.user, REMOVED[found.type])
        self.message_user(request, _("Removed."), messages.SUCCESS)


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    list_display = ["occurred_at", "organization", "actor", "event", "about"]
    list_filter = ["event"]
    search_fields = ["organization__name", "actor__email", "about"]
    list_select_related = ["organization", "actor"]
    date_hierarchy = "occurred_at"


@admin.register(EmailAddress)
class EmailAddressAdmin(BreakGlassAdmin, AllauthEmailAddressAdmin):
    """Nothing is added or removed here. Each change is mailed to every address that the owner confirmed before."""

    personal = {"email": masked_email, "user": masked_email}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: EmailAddress | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: EmailAddress, form: Any, change: bool) -> None:
        before = EmailAddress.objects.filter(user=obj.user, verified=True).values_list("email", flat=True)
        also = tuple(before)
        super().save_model(request, obj, form, change)
        notify_owner(obj.user, "by_operator", also=also)

    @admin.action(permissions=["change"], description=_("Mark as verified"))
    def make_verified(self, request: HttpRequest, queryset: QuerySet[EmailAddress]) -> None:
        chosen = list(queryset.filter(verified=False).values_list("pk", flat=True))
        with transaction.atomic():
            super().make_verified(request, queryset)
            for user in User.objects.filter(emailaddress__pk__in=chosen, emailaddress__verified=True).distinct():
                notify_owner(user, "by_operator")


class Attempts(BreakGlassAdmin):
    """What django-axes keeps of sign-ins: addresses of people and of their machines."""

    personal = {"username": masked_email, "ip_address": masked_address, "user_agent": lambda text: text[:12]}
    may_be_deleted = False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_be_deleted and super().has_delete_permission(request, obj)


@admin.register(AccessAttempt)
class AccessAttemptAdmin(Attempts, axes_admin.AccessAttemptAdmin):
    may_be_deleted = True  # that ends a lock


@admin.register(AccessFailureLog)
class AccessFailureLogAdmin(Attempts, axes_admin.AccessFailureLogAdmin):
    pass


@admin.register(AccessLog)
class AccessLogAdmin(Attempts, axes_admin.AccessLogAdmin):
    pass


LOG_COLUMNS = ("occurred_at", "actor", "purpose", "reason", "object_type", "object_id", "whose", "address")


@admin.register(DataAccessLog)
class DataAccessLogAdmin(ReadOnlyAdmin):
    """Who of the staff saw which customer's data, and why. For superusers."""

    list_display = LOG_COLUMNS
    list_filter = ["purpose", "object_type"]
    search_fields = ["reason", "actor__email", "object_id"]
    list_select_related = ["actor", "customer"]
    date_hierarchy = "occurred_at"
    fields = LOG_COLUMNS
    readonly_fields = LOG_COLUMNS

    def has_view_permission(self, request: HttpRequest, obj: DataAccessLog | None = None) -> bool:
        return request.user.is_active and request.user.is_superuser

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    @admin.display(description=_("whose"))
    def whose(self, entry: DataAccessLog) -> str:
        return masked_email(entry.customer.email) if entry.customer else "–"
