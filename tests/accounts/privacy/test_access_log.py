"""Staff see a customer's personal data only for a reason, and every look is written down."""

import datetime as dt

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.db import DatabaseError, models, transaction
from django.test import RequestFactory
from django.urls import reverse

from accounts.models import DataAccessLog, User
from accounts.privacy import access_log
from accounts.privacy.access_log_admin import BreakGlassAdmin
from accounts.privacy.erasure import is_erased_address
from outbox.models import EmailSuppression, Mail
from redemption.claim.appeals import open_appeal
from redemption.models import BackInStockAlert, Membership, Order, OrderPayment, Reservation
from redemption.privacy.erasure import erase_customer
from tests import make
from tests.harness.owner import owner

REASON = {"access_reason": "The customer asked us"}
# Registered models that touch a person, whose pages ask for no reason, and why.
OF_COLLEAGUES = {
    "accounts.ApiKey": "which member made the key",
    "accounts.AuditEntry": "which member did it",
    "accounts.DataAccessLog": "the looks themselves; customers are masked, and only superusers read them",
    "accounts.Organization": "who the members are",
    "accounts.SupportRequest": "which member asks",
    "campaigns.Campaign": "which member made it",
    "catalog.CsvImport": "which operators uploaded and applied it",
    "campaigns.Statement": "which operator marked it paid",
    "outbox.WebhookEndpoint": "which member added it",
    "rewards.PointAdjustment": "which member adjusted points",
    "rewards.PointEntry": "which member adjusted points",
    "rewards.PointReversal": "which member reversed the event",
    "rewards.Reward": "its page leaves the customer out",
    "rewards.RewardBatch": "which member uploaded it",
}
WHO = {"email", "to_email", "recipient", "street", "phone", "username", "ip_address", "sender"}


def touches_people(model) -> bool:
    fields = model._meta.get_fields()
    names = {field.name for field in fields if not field.auto_created}
    related = [field for field in fields if field.is_relation and not field.auto_created]
    is_email = any(isinstance(field, models.EmailField) for field in fields)
    return model is User or is_email or bool(names & WHO) or any(field.related_model is User for field in related)


def asks(model) -> bool:
    return isinstance(admin.site._registry[model], BreakGlassAdmin)


@pytest.fixture
def operator(client, db):
    client.force_login(make.operator())
    return client


@pytest.fixture
def order(reward, customer):
    return make.order(reward, by=customer)


def page_of(row, what: str = "change") -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{what}", args=[row.pk])


def list_of(model) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def test_every_page_of_the_operators_that_touches_people_asks_or_is_on_the_list():
    found = {model._meta.label for model in admin.site._registry if touches_people(model) and not asks(model)}

    assert found == set(OF_COLLEAGUES)


def test_the_list_of_pages_that_do_not_ask_names_no_page_that_shows_customers():
    assert "customer" in admin.site._registry[make.Reward].get_exclude(RequestFactory().get("/"))
    assert {User, Order, Membership, Mail, EmailAddress} <= {model for model in admin.site._registry if asks(model)}


@pytest.fixture
def everything(order, customer, now):
    """A row of every kind whose page asks."""
    attempt = {"username": customer.email, "ip_address": "203.0.113.9", "user_agent": "Firefox/128 of Kim"}
    for model in (AccessAttempt, AccessFailureLog, AccessLog):
        more = {"failures_since_start": 1} if model is AccessAttempt else {}
        model.objects.create(path_info="/accounts/login/", http_accept="*/*", **attempt, **more)
    Membership.objects.create(user=customer, starts_on=now.date(), ends_on=now.date())
    Authenticator.objects.create(user=customer, type="totp", data={})
    make.invitation(email=customer.email)
    said = f"550 <{customer.email}> is unknown"
    EmailSuppression.objects.create(email=customer.email, occurred_at=now, method="returned", reason=said)
    Mail.objects.update(last_error=said)
    asked = {"reward": order.reward, "customer": customer}
    BackInStockAlert.objects.create(**asked, product=order.product, asked_at=now)
    begun = {"amount_cents": 450, "currency": "USD", "begun_at": now}
    OrderPayment.objects.create(**asked, **begun, product=order.product)
    held = {"value_cents": 2500, "number": "HELD-HELD-HELD", "held_at": now, "held_until": now}
    Reservation.objects.create(**asked, **held, product=order.product, recipient="Kim Larsen", country="US")
    open_appeal(order.reward, customer=customer, text="I am Kim Larsen.", found=[], now=now)
    return {model: model._default_manager.first() for model in admin.site._registry if asks(model)}


@pytest.mark.slow
def test_no_list_shows_who_somebody_is_and_no_page_does_before_a_reason(operator, customer, everything):
    everything[User] = customer
    secrets = [customer.email, "Kim Larsen", "1 Harbor Street", "203.0.113.9"]

    for model, row in everything.items():
        assert row is not None, model
        for path in (list_of(model), page_of(row), page_of(row, "history"), page_of(row, "delete")):
            text = operator.get(path).text
            assert not [secret for secret in secrets if secret in text], path

    assert DataAccessLog.objects.count() == 0


@pytest.mark.slow
def test_after_a_reason_the_page_shows_it_and_each_look_is_written_down(operator, customer, everything):
    everything[User] = customer
    for model, row in everything.items():
        path = page_of(row)
        asked = operator.get(path)
        if 'name="access_reason"' in asked.text:
            assert operator.post(path, REASON)["Location"] == path
        before = DataAccessLog.objects.count()

        for time in (1, 2):
            assert 'name="access_reason"' not in operator.get(path).text, model
            assert DataAccessLog.objects.count() == before + time

    look = DataAccessLog.objects.filter(object_type="order").first()
    assert (look.customer, look.reason) == (customer, REASON["access_reason"])
    assert (look.object_id, look.address) == (str(everything[Order].pk), "127.0.0.1")


def test_a_reason_for_a_customer_opens_their_order_and_holds_for_a_quarter_of_an_hour(operator, order, customer):
    operator.post(page_of(customer), REASON)
    assert "1 Harbor Street" in operator.get(page_of(order)).text

    stranger = make.customer()
    assert stranger.email not in operator.get(page_of(stranger)).text
    held = operator.session[access_log.REASONS]
    operator_session = operator.session
    operator_session[access_log.REASONS] = {key: [reason, until - 901] for key, (reason, until) in held.items()}
    operator_session.save()
    assert "1 Harbor Street" not in operator.get(page_of(order)).text


@pytest.mark.parametrize("reason", ["", "  ", "x", "x" * 301, "a\x00b c d"])
def test_a_reason_that_is_none_is_refused_with_a_sentence(operator, order, reason):
    answer = operator.post(page_of(order), {"access_reason": reason})

    assert answer.status_code == 200
    assert "errorlist" in answer.text and "Harbor" not in answer.text
    assert not DataAccessLog.objects.exists()


def test_a_search_asks_too_and_then_is_recorded(operator, customer):
    path = f"{list_of(User)}?q=kim"

    assert 'name="access_reason"' in operator.get(path).text
    assert operator.post(path, REASON)["Location"] == path
    assert customer.email in operator.get(path).text

    look = DataAccessLog.objects.get()
    assert (look.object_type, look.object_id, look.customer) == ("users", "", None)


def test_the_whole_list_is_shown_for_a_reason(operator, customer):
    listed = list_of(User)
    assert access_log.masked_email(customer.email) in operator.get(listed).text
    why = f"{listed}why/?then={listed}"
    assert f'href="{why}"' in operator.get(listed).text

    assert operator.post(why, REASON)["Location"] == listed

    assert customer.email in operator.get(listed).text
    assert operator.post(f"{listed}why/?then=https://elsewhere.example/", REASON)["Location"] == listed


def test_every_list_that_masks_people_takes_a_reason(operator, db):
    for model in filter(asks, admin.site._registry):
        listed = list_of(model)
        assert operator.post(f"{listed}why/?then={listed}", REASON)["Location"] == listed, model


@pytest.mark.parametrize("query", ["email__startswith=k", "name__contains=Kim", "email=kim@example.com"])
def test_no_filter_in_an_address_is_a_way_around(operator, customer, query):
    assert operator.get(f"{list_of(User)}?{query}").status_code in {302, 400}


def test_looking_up_related_rows_is_no_way_around(operator, customer):
    path = reverse("admin:autocomplete") + "?app_label=redemption&model_name=membership&field_name=user&term="

    for term in ("", "kim"):
        assert operator.get(path + term).json()["results"] == []


def test_an_order_is_found_by_its_number_without_a_reason(operator, order):
    assert order.number in operator.get(f"{list_of(Order)}?q={order.number}").text
    assert 'name="access_reason"' in operator.get(f"{list_of(Order)}?q=Larsen").text


def test_what_was_typed_meanwhile_is_carried_through_the_question(operator, customer, now):
    row = Membership.objects.create(user=customer, starts_on=now.date(), ends_on=now.date())
    fields = {"user": customer.pk, "starts_on": "2026-01-01", "ends_on": "2027-01-01"}

    asked = operator.post(page_of(row), fields)
    assert '<input type="hidden" name="ends_on" value="2027-01-01">' in asked.text
    operator.post(page_of(row), {**fields, **REASON})

    row.refresh_from_db()
    assert row.ends_on == dt.date(2027, 1, 1)


def page_as_opened(operator, user) -> dict:
    """What the form of the user's page sends, unchanged."""
    operator.post(page_of(user), {"access_reason": "The customer asked us"})
    initial = operator.get(page_of(user)).context["adminform"].form.initial
    fields = ("email", "name", "time_zone")
    return {**{name: initial[name] for name in fields}, "is_active": "on"}


def test_an_address_is_kept_in_lower_case_however_staff_type_it(operator, customer):
    typed = {**page_as_opened(operator, customer), "email": "Kim.New@Example.com"}
    new = {
        "email": "Lee@Example.com",
        "usable_password": "true",
        "password1": make.PASSWORD,
        "password2": make.PASSWORD,
    }

    assert operator.post(page_of(customer), typed).status_code == 302
    assert operator.post(reverse("admin:accounts_user_add"), new).status_code == 302

    assert User.objects.get(pk=customer.pk).email == "kim.new@example.com"
    assert User.objects.filter(email="lee@example.com").exists()


def test_a_page_that_was_opened_before_brings_nobody_back_who_was_erased(operator, customer, now):
    typed = page_as_opened(operator, customer)
    erase_customer(customer, now=now)

    answer = operator.post(page_of(customer), typed)

    assert answer.status_code == 403
    customer.refresh_from_db()
    assert customer.name == "" and is_erased_address(customer.email) and not customer.is_active


@pytest.mark.slow
def test_the_operators_own_history_names_nobody(operator, customer, everything):
    path = page_of(customer)
    operator.post(path, REASON)
    form = operator.get(path).context["adminform"].form
    fields = {name: value for name, value in form.initial.items() if value not in (None, False, "", [])}

    answer = operator.post(path, {**fields, "name": "Kim L.", "email": customer.email})

    assert answer.status_code == 302
    assert LogEntry.objects.get().object_repr == f"user {customer.pk}"
    operator.get("/admin/")  # says once more what was done
    assert customer.email not in operator.get("/admin/").text


def test_looks_cannot_be_rewritten(operator, order):
    operator.post(page_of(order), REASON)
    operator.get(page_of(order))

    for act in (lambda: DataAccessLog.objects.update(reason="None"), lambda: DataAccessLog.objects.all().delete()):
        with owner(), pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            act()


def test_superusers_read_the_looks_and_nobody_else(operator, client, order, customer):
    operator.post(page_of(order), REASON)
    operator.get(page_of(order))
    page = operator.get(list_of(DataAccessLog)).text
    assert REASON["access_reason"] in page and customer.email not in page

    clerk = make.user(is_staff=True)
    clerk.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
    client.force_login(clerk)
    assert client.get(list_of(DataAccessLog)).status_code == 403
    assert client.get(f"{list_of(Order)}").status_code == 200


def test_who_may_not_see_a_page_is_not_asked_for_a_reason(client, order):
    client.force_login(make.user(is_staff=True))

    assert client.post(page_of(order), REASON).status_code == 403
    assert client.get(f"{list_of(Order)}why/").status_code == 302
    assert not DataAccessLog.objects.exists()


def test_packing_is_a_purpose_of_its_own_recorded_for_each_order(order, customer, now):
    request = RequestFactory().post("/")
    request.user = make.operator()

    access_log.record_fulfillment(request, [order], reason="packing slips", now=now)

    look = DataAccessLog.objects.get()
    assert (look.purpose, look.customer, look.object_type) == ("fulfillment", customer, "order")


def test_masks_keep_enough_to_tell_rows_apart():
    assert access_log.masked_email("kim@example.com") == "k…@e….com"
    assert access_log.masked_name("Kim Larsen") == "K… L…"
    assert access_log.masked_address("203.0.113.9") == "203.…"
    assert access_log.masked_address("2001:db8::1") == "2001:…"
    shown = "SMTPRecipientsRefused: {'kim@example.com': (550, b'5.1.1 <kim@example.com>: unknown')}"
    assert access_log.masked_within(shown) == shown.replace("kim@example.com", "k…@e….com")
    assert [mask("") for mask in (access_log.masked_email, access_log.masked_name, access_log.masked_address)] == [
        "",
        "",
        "",
    ]
