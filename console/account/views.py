"""Console page for the signed-in member's profile."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.organizations.access import (
    SignedInRequest,
)
from console.account.forms import ProfileForm


@login_required
def profile(request: SignedInRequest) -> HttpResponse:
    form = ProfileForm(request.POST or None, instance=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("console:account:profile")
    return render(request, "console/account/profile.html", {"form": form})
