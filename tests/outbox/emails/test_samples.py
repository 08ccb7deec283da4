"""The operators' preview of every kind of mail."""

import re

import pytest

from moments.registry import email_samples, emails
from outbox.emails.samples import render_sample
from outbox.kinds import account_kinds, kinds
from outbox.models import Mail
from tests import make
from tests.conftest import SignedIn


@pytest.fixture
def staff(client, db):
    client.force_login(make.operator())
    return client


@pytest.mark.slow
def test_every_kind_has_a_sample_that_gives_all_that_its_templates_name(db, notified_of_gaps):
    rendered = {kind: render_sample(kind, "en") for kind in kinds()}

    assert {"sign_in_link", "email_confirmation", "password_reset_key", "invitation"} <= set(account_kinds())
    for kind, mail in rendered.items():
        assert "NOTHING" not in mail.subject + mail.text + mail.html, kind
        assert mail.subject and "Sent by Moments" in mail.text and 'lang="en"' in mail.html, kind


@pytest.mark.slow
def test_samples_show_what_real_mails_show(one_of_each):
    shown = email_samples()

    for kind in emails:
        context = Mail.objects.filter(kind=kind).values_list("context", flat=True)[0]
        assert set(shown[kind]) == set(emails[kind](context)), kind


@pytest.mark.slow
def test_no_customers_data_is_in_a_sample(one_of_each):
    order = one_of_each.orders.first()

    everything = "".join(render_sample(kind, "en").html for kind in kinds())

    assert order.number not in everything and one_of_each.customer.email not in everything


def test_operators_look_at_each_in_a_frame_that_may_do_nothing(staff):
    listed = staff.get("/admin/outbox/mail/kinds/").text
    assert all(f"/admin/outbox/mail/kinds/{kind}/" in listed for kind in kinds())

    page = staff.get("/admin/outbox/mail/kinds/order_shipped/", {"colors": "dark", "width": "narrow"})
    path = re.search(r'<iframe[^>]+src="([^"]+)"', page.text)[1].replace("&amp;", "&")
    frame = staff.get(path)

    assert "narrow" in page.text and "PP123456789" in page.text
    assert "@media all" in frame.text and "prefers-color-scheme: dark" not in frame.text
    assert (
        frame["Content-Security-Policy"].startswith("default-src 'none'") and frame["X-Frame-Options"] == "SAMEORIGIN"
    )
    assert "sandbox" in frame["Content-Security-Policy"] and "allow-scripts" not in frame["Content-Security-Policy"]


@pytest.mark.parametrize("query", ["?language=xx&colors=%00&width=" + "w" * 500, "?language="])
def test_a_look_that_is_none_is_the_usual_one(staff, query):
    assert "prefers-color-scheme" in staff.get(f"/admin/outbox/mail/kinds/report/html/{query}").text


@pytest.mark.parametrize("path", ["", "report/", "report/html/"])
def test_nobody_else_looks(path, db):
    client, address = SignedIn(), f"/admin/outbox/mail/kinds/{path}"
    assert client.get(address).status_code == 302

    client.force_login(make.user(is_staff=True))  # an operator without the right to see mails
    assert client.get(address).status_code == 403


def test_an_unknown_kind_is_not_found(staff):
    assert staff.get("/admin/outbox/mail/kinds/nothing/").status_code == 404
