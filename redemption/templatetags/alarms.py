"""What admin's first page shows above all else."""

from django import template

from accounts.models import User
from moments import clock
from redemption import alarms as rules
from redemption.digest import gets_digest

register = template.Library()


@register.simple_tag
def alarms() -> list[rules.Alarm]:
    return rules.alarms(now=clock.now())


@register.simple_tag
def digest_is_on(user: User) -> bool:
    return gets_digest(user)
