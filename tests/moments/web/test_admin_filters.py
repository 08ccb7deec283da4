"""No address of an operators' list is an error, whatever its filters ask for."""

import pytest
from django.contrib import admin
from django.template.backends.django import Template
from django.test import Client
from django.urls import reverse

from tests import make

NASTY = ["\x00", "9" * 30]
STRANGE = ["99999-01-01", "2026-01-01T00:00:00+99:99", "-1", "\u0661", "None"]


@pytest.fixture
def staff(db):
    client = Client(raise_request_exception=False)
    client.force_login(make.operator(), backend="django.contrib.auth.backends.ModelBackend")
    return client


def lookups_of(page) -> set[str]:
    """Every parameter that the list's filters and its hierarchy of dates read."""
    found = {"pk__in"}
    for entry in page.list_filter:
        field = entry[0] if isinstance(entry, tuple) else entry
        if isinstance(field, str):
            found |= {f"{field}__exact", f"{field}__gte", f"{field}__isempty"}
        else:
            found.add(field.parameter_name)
    return found | {f"{page.date_hierarchy}__{part}" for part in ("year", "day") if page.date_hierarchy}


def fails(staff: Client, address: str, query: dict[str, str]) -> bool:
    """Whether the answer, or anything that its page would still look up, is an error."""
    answer = staff.get(address, query)
    if answer.status_code == 200:
        page = answer.context_data["cl"]
        list(page.result_list)
        for spec in page.filter_specs:
            list(spec.choices(page))
    return answer.status_code >= 500


@pytest.mark.slow
def test_no_filter_of_any_list_is_an_error(staff, monkeypatch):
    """Pages are not drawn: that takes most of the time, and tests of the lists do it."""
    monkeypatch.setattr(Template, "render", lambda *_given, **_named: "")
    wrong = []
    for model, page in admin.site._registry.items():
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        asked = [{name: value} for name in sorted(lookups_of(page)) for value in NASTY]
        asked += [{name: STRANGE[number % len(STRANGE)]} for number, name in enumerate(sorted(lookups_of(page)))]
        asked += [{"q": "\x00"}, {"o": "9" * 30}, {"p": "9" * 30}]
        wrong += [(address, query) for query in asked if fails(staff, address, query)]

    assert wrong == []


def test_a_filter_that_cannot_be_read_leads_to_the_whole_list(staff):
    address = reverse("admin:campaigns_campaign_changelist")

    assert staff.get(address, {"status__exact": "\x00"})["Location"] == f"{address}?e=1"
    assert staff.get(f"{address}?e=1").status_code == 200


def test_a_fault_of_ours_is_not_hidden_by_it(staff, monkeypatch):
    monkeypatch.setattr("campaigns.admin.campaigns.CampaignAdmin.get_queryset", lambda *_args: 1 / 0)

    assert staff.get(reverse("admin:campaigns_campaign_changelist"), {"status__exact": "live"}).status_code == 500
