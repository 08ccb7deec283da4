"""Console pages to request an own product or T-shirt."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.models import SupportRequest
from accounts.organizations.access import EDITORS, MemberRequest, member_required
from accounts.support.design_upload import MAX_BYTES, storing_design
from accounts.support.requests import open_support_request
from console.catalog.request_forms import OwnProductForm, TshirtForm
from moments import clock
from moments.errors import RuleViolation
from moments.web.forms import add_refusal

Kind = SupportRequest.Kind


@member_required(*EDITORS)
def offer_product(request: MemberRequest) -> HttpResponse:
    form = OwnProductForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("console:support:detail", send(request, Kind.OWN_PRODUCT, form).pk)
    return render(request, "console/catalog/offer_product.html", {"form": form})


@member_required(*EDITORS)
def offer_tshirt(request: MemberRequest) -> HttpResponse:
    form = TshirtForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data["design"].read(MAX_BYTES + 1)
        try:
            with storing_design(data, organization=request.member.organization, now=clock.now()) as design:
                made = send(request, Kind.TSHIRT, form, picture=design)
        except RuleViolation as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("console:support:detail", made.pk)
    return render(request, "console/catalog/offer_tshirt.html", {"form": form})


def send(request: MemberRequest, kind: str, form: Any, *, picture: str = "") -> SupportRequest:
    made = open_support_request(request, kind=kind, subject=form.subject(), body=form.body(), picture=picture)
    messages.success(request, _("Sent. We review it and answer by email and on this page."))
    return made
