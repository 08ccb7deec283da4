"""Whoever was erased in another tab is signed out and told so; other errors pass."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.sessions.backends.db import SessionStore
from django.db import IntegrityError
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.models import User
from accounts.privacy.erased_user_middleware import REFUSED, ErasedUserMiddleware, is_of_erased


class Cause(Exception):
    def __init__(self, constraint: str) -> None:
        self.diag = type("Diagnosis", (), {"constraint_name": constraint})


def error_of(constraint: str, kind: type[Exception] = IntegrityError) -> Exception:
    found = kind("refused")
    found.__cause__ = Cause(constraint)
    return found


@pytest.fixture
def middleware():
    return ErasedUserMiddleware(lambda request: HttpResponse("page"))


def request_of(user):
    request = RequestFactory().get("/my/about/")
    request.user, request.session = user, SessionStore()
    request._messages = FallbackStorage(request)
    return request


def shown(request) -> list[str]:
    return [str(message) for message in get_messages(request)]


def test_only_the_databases_refusal_of_the_erased_counts():
    assert is_of_erased(error_of(REFUSED))
    assert not is_of_erased(error_of("another_constraint"))
    assert not is_of_erased(error_of(REFUSED, ValueError))
    assert not is_of_erased(IntegrityError("without a cause"))


def test_a_page_without_errors_passes(middleware, customer):
    assert middleware(request_of(customer)).text == "page"


def test_whoever_was_erased_is_signed_out_and_sent_to_sign_in(middleware, customer, now):
    User.objects.filter(pk=customer.pk).update(erased_at=now)
    request = request_of(customer)

    answer = middleware.process_exception(request, error_of(REFUSED))

    assert answer["Location"] == "/accounts/login/" and isinstance(request.user, AnonymousUser)
    assert shown(request) == ["This account was erased."]


def test_whoever_writes_about_somebody_erased_stays_signed_in(middleware, customer):
    request = request_of(customer)

    answer = middleware.process_exception(request, error_of(REFUSED))

    assert answer["Location"] == "/my/about/" and request.user == customer
    assert shown(request) == ["This account was erased."]


def test_any_other_error_is_left_to_others(middleware, customer):
    request = request_of(customer)

    assert middleware.process_exception(request, error_of("another_constraint")) is None
    assert request.user == customer and shown(request) == []
