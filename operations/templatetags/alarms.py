"""Template tags for the admin's start page."""

from django import template

from accounts.models import User
from moments import clock
from operations import alarms as rules
from operations.digest import Waiting, gets_digest, waiting_for_operators

register = template.Library()


@register.simple_tag
def alarms() -> list[rules.Alarm]:
    return rules.alarms(now=clock.now())


@register.simple_tag
def waiting_for(user: User) -> list[Waiting]:
    """Return the open tasks that the operator may see, most urgent first."""
    return [each for each in waiting_for_operators(now=clock.now()) if user.has_perm(each.permission)]


@register.simple_tag
def digest_is_on(user: User) -> bool:
    return gets_digest(user)
