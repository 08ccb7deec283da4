"""Whether somebody is still there, held to the end of a transaction against an erasure at the same moment."""

from django.utils.translation import gettext as _

from accounts.models import User
from moments.errors import RuleViolation


def try_lock_active_user(user: User) -> bool:
    """Whether the account is there; if so it is not erased before the transaction ends.

    First of all in a transaction: an erasure holds the person before it comes to their rows, and so does whoever goes
    on to an order, an appeal or a wish of theirs. In another order the two would wait for each other.
    """
    here = User.objects.select_for_update(no_key=True).filter(pk=user.pk, erased_at=None)
    return here.values_list("pk", flat=True).first() is not None


def lock_active_user(user: User) -> None:
    """Nothing is written about somebody who is erased at the same moment, or was."""
    if not try_lock_active_user(user):
        raise RuleViolation("erased", _("This account was erased."))
