"""Mails of the account and about organizations. They go through Django's mail backend, which is the outbox."""

import datetime as dt

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import send_mail
from django.utils.translation import gettext as _

from accounts.models import Invitation, SignInLink, SupportMessage
from moments.i18n.datetimes import display_instant
from moments.registry import absolute


def mail_of_account(kind: str, to: str, context: dict) -> None:
    """``kind`` names ``templates/account/email/<kind>_{subject.txt,message.txt,message.html}``."""
    get_adapter().render_mail(f"account/email/{kind}", to, context).send()


def mail_invitation(invitation: Invitation, secret: str) -> None:
    context = {
        "who": invitation.invited_by.get_full_name() if invitation.invited_by else str(invitation.organization),
        "organization": invitation.organization.name,
        "role": invitation.get_role_display(),
        "join_url": absolute("accounts:join", secret),
        "until": display_instant(invitation.expires_at),
    }
    mail_of_account("invitation", invitation.email, context)


def mail_support_message(message: SupportMessage) -> None:
    """To the organization's asker when an operator wrote, to the operators when the organization did."""
    request = message.request
    if message.from_operator:
        to = request.opened_by.email if request.opened_by else None
        url = absolute("console:support:detail", request.pk)
    else:
        to, url = settings.OPERATOR_EMAIL, absolute("admin:accounts_supportrequest_change", request.pk)
    if to:
        subject = _("%(subject)s (request %(number)d)") % {"subject": request.subject, "number": request.pk}
        text = _("%(body)s\n\nThe whole thread:\n%(url)s") % {"body": message.body, "url": url}
        send_mail(subject, text, None, [to])


def mail_sign_in_link(link: SignInLink, secret: str, *, to: str) -> None:
    """To whoever has the address. That there is no account with it, the mail says and the page does not."""
    kind = "sign_in_link" if link.user_id else "sign_in_link_unknown"
    link_url = absolute("accounts:open_link", secret)
    minutes = (link.expires_at - link.created_at) // dt.timedelta(minutes=1)
    mail_of_account(kind, to, {"email": to, "link_url": link_url, "minutes": minutes})
