"""What is answered before, around and instead of a view."""

import json

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from moments.web import middleware
from moments.web.middleware import (
    BODY_LIMIT,
    announced_length,
    busy_answer,
    handle_api_request,
    machine_refusal,
    pages_for_refused_methods,
    refusal_before_view,
    request_id_and_api_fast_path,
    strict_transport,
    too_slow_answer,
)


def request_of(path: str = "/api/v1/points", **extra):
    request = RequestFactory().post(path, **extra)
    request.request_id = "0123"
    return request


@pytest.mark.parametrize(
    ("path", "member", "kind"),
    [
        ("/api/v1/x", "detail", "application/problem+json"),
        ("/prod/GetReward", "rewardNotificationText", "application/json"),
        ("/api/openapi.json", "message", "application/json"),
    ],
)
def test_each_face_of_the_api_refuses_in_its_own_words(path, member, kind):
    answer = machine_refusal(request_of(path), 400, "invalid_request", "No.")

    assert (answer.status_code, answer["Content-Type"]) == (400, kind)
    assert json.loads(answer.content)[member] == "No."


def test_a_problem_names_the_request():
    body = json.loads(machine_refusal(request_of(), 404, "not_found", "No.").content)

    assert body == {
        "type": "about:blank",
        "title": "Not Found",
        "status": 404,
        "code": "not_found",
        "detail": "No.",
        "errors": [],
        "request_id": "0123",
    }


@pytest.mark.parametrize(("length", "expected"), [("12", 12), ("", 0), ("twelve", 0), (None, 0)])
def test_a_length_that_is_no_number_is_none(length, expected):
    request = request_of()
    request.META["CONTENT_LENGTH"] = length

    assert announced_length(request) == expected


def test_a_call_in_the_clear_is_refused_where_https_is_used(settings):
    settings.IS_HTTPS = True

    answer = refusal_before_view(request_of())

    assert answer.status_code == 403 and json.loads(answer.content)["code"] == "https_required"
    assert refusal_before_view(request_of(secure=True)) is None


@pytest.mark.parametrize(("length", "status"), [(BODY_LIMIT, None), (BODY_LIMIT + 1, 413)])
def test_a_body_has_a_limit(length, status):
    request = request_of()
    request.META["CONTENT_LENGTH"] = str(length)

    answer = refusal_before_view(request)

    assert (answer and answer.status_code) == status


def failing(error: Exception):
    def view(request):
        raise error

    return view


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Http404(), 404, "not_found"),
        (middleware.OperationalError("gone"), 503, "unavailable"),
        (middleware.BadRequest(), 400, "invalid_request"),
        (middleware.RequestDataTooBig(), 400, "invalid_request"),
        (RuntimeError("a secret"), 500, "internal_error"),
    ],
)
def test_whatever_a_view_raises_is_answered_as_json_without_what_it_says(monkeypatch, error, status, code):
    class Match:
        func, args, kwargs = staticmethod(failing(error)), (), {}

    monkeypatch.setattr(middleware, "resolve", lambda path: Match)
    monkeypatch.setattr(middleware.connection, "close", lambda: None)

    answer = handle_api_request(request_of())

    assert (answer.status_code, json.loads(answer.content)["code"]) == (status, code)
    assert b"secret" not in answer.content and answer["X-Content-Type-Options"] == "nosniff"
    assert answer.headers.get("Retry-After") == ("2" if status == 503 else None)


@pytest.mark.parametrize("path", ["/api/v1/points", "/prod/GetReward", "/console/"])
def test_whoever_is_too_slow_or_comes_at_a_busy_time_is_told_without_a_thread(path):
    slow, busy = too_slow_answer(path), busy_answer(path)

    assert (slow.status_code, busy.status_code) == (408, 503)
    assert busy["Retry-After"] == "2" and slow["Referrer-Policy"] == "no-referrer"


def test_a_page_for_one_who_is_signed_in_is_not_kept(settings):
    request = RequestFactory().get("/console/")
    request.COOKIES[settings.SESSION_COOKIE_NAME] = "x"

    answer = request_id_and_api_fast_path(lambda request: HttpResponse("page"))(request)

    assert answer.text == "page" and answer["Cache-Control"] == "no-store" and len(answer["X-Request-Id"]) == 16


def test_a_path_with_a_nul_is_not_found_and_reaches_no_view():
    answer = request_id_and_api_fast_path(failing(AssertionError("the view ran")))(RequestFactory().get("/r/%00"))

    assert answer.status_code == 404


def test_a_host_that_is_not_ours_reaches_no_view():
    page = request_id_and_api_fast_path(failing(AssertionError("the view ran")))
    factory = RequestFactory()

    assert page(factory.get("/console/", HTTP_HOST="evil.example")).status_code == 400
    assert page(factory.post("/api/v1/x", HTTP_HOST="evil.example")).status_code == 400


def test_an_empty_answer_to_a_refused_method_becomes_a_page(rf):
    request = rf.get("/console/")
    request.request_id = "0123"
    refused = pages_for_refused_methods(lambda request: HttpResponse(status=405, headers={"Allow": "POST"}))(request)

    assert refused.status_code == 405 and refused["Allow"] == "POST" and refused.content
    assert pages_for_refused_methods(lambda request: HttpResponse("x", status=405))(request).text == "x"


def test_browsers_are_told_to_stay_with_https(settings):
    settings.SECURE_HSTS_SECONDS, settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = 60, True

    assert strict_transport() == "max-age=60; includeSubDomains"
