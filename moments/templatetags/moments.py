"""Template tags of the console and the reward pages."""

from django import template

from moments import money as amounts

register = template.Library()


@register.filter
def money(cents, currency="USD"):
    """``{{ 2750|money:"USD" }}`` → $27.50"""
    return "" if cents is None else amounts.display(cents, currency)
