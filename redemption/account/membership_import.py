"""CSV import of shipping memberships by operators."""

from typing import ClassVar

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from accounts.privacy.user_lock import lock_active_user
from catalog.imports.csv_schemas import Sheet, Step
from moments.registry import csv_schemas
from moments.web.csv_in import Line
from redemption.models import Membership


@csv_schemas.add("memberships")
class MembershipSheet(Sheet):
    title = gettext_lazy("Memberships")
    note = gettext_lazy(
        "Columns: email (of an account), from and until (days; the last one it holds). The same membership again is "
        "passed over."
    )
    permission = "redemption.add_membership"
    columns: ClassVar = ["email", "from", "until"]
    required: ClassVar = ["email", "from", "until"]
    sample: ClassVar = [["kim@example.com", "2026-12-01", "2027-11-30"]]

    def plan(self, line: Line) -> Step | None:
        user = User.objects.filter(email=line.values["email"].lower()).first()
        if user is None:
            line.refuse("email", _("the address of an account"))
        starts, ends = self.day_of(line, "from"), self.day_of(line, "until")
        if starts and ends and ends < starts:
            line.refuse("until", _("%s or a later day") % starts)
        if user is None or line.problems or not self.once(line, "email", user.pk, starts, ends):
            return None
        dates = {"user": user, "starts_on": starts, "ends_on": ends}
        values = {"email": user.email, "starts": starts, "ends": ends}
        if Membership.objects.filter(**dates).exists():
            return Step(_("%(email)s: %(starts)s to %(ends)s already") % values, None)
        summary = _("%(email)s: %(starts)s to %(ends)s") % values
        return Step(summary, lambda: self._grant(dates))

    def _grant(self, dates: dict) -> None:
        lock_active_user(dates["user"])
        Membership.objects.create(**dates, granted_at=self.now)
