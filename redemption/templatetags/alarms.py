"""What admin's first page shows above all else."""

from django import template

from moments import clock
from redemption import alarms as rules

register = template.Library()


@register.simple_tag
def alarms() -> list[rules.Alarm]:
    return rules.alarms(now=clock.now())
