"""The terms that a new campaign starts with."""

from django.utils.translation import gettext_lazy as _

DEFAULT_TERMS = _(
    "One reward per person. The reward has no cash value, cannot be transferred and expires on the date shown. "
    "Items that sold out are replaced by an item of equal value."
)
