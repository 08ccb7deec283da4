"""Console pages for monthly statements, as page, PDF and CSV, and how they are paid."""

import datetime as dt

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from accounts.organizations.access import MemberRequest, member_required
from campaigns.billing import statements as billing
from campaigns.budget.spending import month_of, organization_spent_cents
from campaigns.models import Statement
from console.billing.card_views import method_of
from moments import clock
from moments.integrations import stripe
from moments.web.csv_out import csv_response


@require_safe
@member_required()
def statements(request: MemberRequest) -> HttpResponse:
    now, organization = clock.now(), request.member.organization
    context = {
        "organization": organization,
        "month": month_of(now),
        "spent": organization_spent_cents(organization, now=now),
        "statements": Statement.objects.visible_to(request.member),
        "method": method_of(request),
        "takes_cards": stripe.is_set_up(),
    }
    return render(request, "console/billing/list.html", context)


def statement_of(request: MemberRequest, slug: str) -> Statement:
    """Return the statement of the member's organization for a month. Raises ``Http404`` if there is none."""
    try:
        month = dt.datetime.strptime(slug, "%Y-%m").replace(tzinfo=dt.UTC).date()
    except ValueError:
        raise Http404 from None
    found = Statement.objects.visible_to(request.member).select_related("organization", "carried_to")
    return get_object_or_404(found, month=month)


@require_safe
@member_required()
def statement(request: MemberRequest, slug: str) -> HttpResponse:
    found = statement_of(request, slug)
    return render(
        request,
        "console/billing/statement.html",
        {
            "statement": found,
            "lines": found.lines.all(),
            "payments": found.payments.all(),
            "carried_from": found.carried_from.order_by("month"),
            "least": stripe.smallest_payment("USD"),
        },
    )


@require_safe
@member_required()
def statement_csv(request: MemberRequest, slug: str) -> StreamingHttpResponse:
    found = statement_of(request, slug)
    return csv_response(billing.exported(found), name=f"statement-{found.number}")


@require_safe
@member_required()
def as_pdf(request: MemberRequest, slug: str) -> HttpResponse:
    from campaigns.billing.statement_pdf import statement_pdf  # importing the library takes a third of a second

    found = statement_of(request, slug)
    name = f'inline; filename="statement-{found.number}.pdf"'
    headers = {"Content-Disposition": name, "Cache-Control": "no-store"}
    return HttpResponse(statement_pdf(found), content_type="application/pdf", headers=headers)
