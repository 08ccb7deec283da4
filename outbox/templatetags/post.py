"""Template tags about undelivered and late emails."""

from django import template
from django.template import Context

from outbox.emails.delivery import is_late
from outbox.emails.suppression import suppression_of

register = template.Library()


@register.inclusion_tag("outbox/emails/_unreachable.html", takes_context=True)
def unreachable_note(context: Context, *, is_where_to_mend: bool = False) -> dict:
    """Warn the signed-in user that emails do not reach them. ``is_where_to_mend`` is set on the page where they can fix
    it.
    """
    user = context.get("user")
    email = user.email if user is not None and user.is_authenticated else ""
    return {
        "trouble": suppression_of(email) if email else None,
        "email": email,
        "is_where_to_mend": is_where_to_mend,
        "csrf_token": context.get("csrf_token"),
    }


@register.inclusion_tag("outbox/emails/_late.html")
def late_mail_note(*, has_reward: bool = True) -> dict:
    return {"is_late": is_late(), "has_reward": has_reward}
