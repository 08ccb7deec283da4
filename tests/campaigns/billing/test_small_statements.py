"""Statements below what a card can be charged with."""

import csv
import datetime as dt
import io

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from pypdf import PdfReader

from accounts.models import Organization
from campaigns.approval import transitions
from campaigns.billing import cards
from campaigns.billing.collection import collect
from campaigns.billing.statements import close_months, mark_paid
from campaigns.models import Campaign, Payment, PaymentMethod, Statement
from moments.errors import RuleViolation
from outbox.emails.rendering import render_mail
from outbox.models import Mail
from rewards.issuing.service import issue_reward
from rewards.ledger.reconciliation import find_discrepancies
from tests import make
from tests.campaigns.billing.test_payments import GOOD, intents, set_up
from tests.campaigns.billing.test_statements import issue_last_month, last_month


@pytest.fixture
def small(stripe, payer, now) -> Statement:
    """Of $0.30, two months ago."""
    set_up(stripe, payer, GOOD, now)
    campaign = cheap_campaign(payer)
    first = dt.datetime.combine(last_month(now), dt.time(2), dt.UTC)
    issue_reward(make.ask(campaign), shift=first - dt.timedelta(days=10) - now)
    close_months(now=first)
    return Statement.objects.get()


def cheap_campaign(payer) -> Campaign:
    return make.campaign(of=payer, days=(-90, 30), products=[make.product(20)], cpa_cents=30)


@pytest.fixture
def last(small, now) -> Statement:
    """Of $0.60, the month after it."""
    issue_last_month(Campaign.objects.get(), now, times=2)
    close_months(now=now)
    return Statement.objects.exclude(pk=small.pk).get()


def test_it_is_carried_over_and_nobody_is_mailed_of_a_failure(stripe, small, payer, console, now):
    for _time in range(3):
        collect(now=now)

    assert (small.status, small.total_cents) == ("carried", 30)
    assert not Payment.objects.exists() and not Mail.objects.filter(kind="payment_failed").exists()
    assert "added to your next statement" in render_mail(Mail.objects.get(kind="statement_ready")).text
    page = console.get(reverse("console:billing:statement", args=[small.slug])).text
    assert "carried over" in page and "less than $0.50" in page and "added to your next statement" in page


def test_the_next_statement_has_it_and_is_charged_with_it(stripe, last, small, now):
    collect(now=now)

    last.refresh_from_db()
    small.refresh_from_db()
    assert (last.total_cents, last.carried_cents, last.status, small.carried_to) == (90, 30, "paid", last)
    made = intents(stripe, PaymentMethod.objects.get())
    assert [intent["amount"] for intent in made if intent["status"] == "succeeded"] == [90]
    assert small.status == "carried"


@pytest.mark.slow
def test_page_file_and_document_have_the_line_and_the_books_agree(last, small, console):
    kinds = ("statement", "statement_csv", "statement_pdf")
    page, table, document = (console.get(reverse(f"console:billing:{kind}", args=[last.slug])) for kind in kinds)

    assert f"Carried over from {small.number}" in page.text and "$0.90" in page.text
    rows = list(csv.reader(io.StringIO(table.getvalue().decode("utf-8-sig"))))
    assert rows[-1][2:] == [f"Carried over from {small.number}", "", "", "", "0.30", "USD"]
    assert sum(float(row[6]) for row in rows[1:]) == pytest.approx(0.90)
    text = PdfReader(io.BytesIO(document.content)).pages[0].extract_text()
    assert f"Carried over from {small.number}" in " ".join(text.split()) and "$0.90" in text
    assert last.number in console.get(reverse("console:billing:statement", args=[small.slug])).text
    assert not find_discrepancies()


def test_the_card_can_be_removed(stripe, small, payer, now):
    transitions.finish(Campaign.objects.get(), by=payer.user, now=now)

    cards.forget_card(payer)

    assert not PaymentMethod.objects.exclude(method_id="").exists()


def test_where_it_is_billed_outside_every_amount_is_due(stripe, payer, now):
    Organization.objects.update(payment_waived_at=now)
    issue_last_month(cheap_campaign(payer), now)
    close_months(now=now)
    assert Statement.objects.get().status == "due"
    set_up(stripe, payer, GOOD, now)
    Organization.objects.update(payment_waived_at=None)

    collect(now=now)

    assert Statement.objects.get().status == "carried" and not Payment.objects.exists()


def test_what_was_carried_over_is_neither_paid_nor_rewritten(small, now):
    with pytest.raises(RuleViolation):
        mark_paid(small, by=make.operator(), now=now)
    for change in ({"carried_cents": 5}, {"total_cents": 5}, {"status": "due", "carried_to": small.pk}):
        with pytest.raises(DatabaseError), transaction.atomic():
            Statement.objects.filter(pk=small.pk).update(**change)

    assert Statement.objects.get().status == "carried"
