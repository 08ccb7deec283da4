"""Mails about organizations. They go through Django's mail backend, which is the outbox."""

from urllib.parse import urlencode

from django.conf import settings
from django.core.mail import EmailMessage, send_mail
from django.utils.translation import gettext as _

from accounts.models import Invitation, SignInLink, SupportMessage
from accounts.sign_in_links import MINUTES
from moments.context import KIND_HEADER
from moments.links import absolute


def mail_invitation(invitation: Invitation, secret: str) -> None:
    who = invitation.invited_by.get_full_name() if invitation.invited_by else str(invitation.organization)
    text = _(
        "%(who)s invites you to %(organization)s on Moments, as %(role)s.\n\n"
        "Accept the invitation:\n%(url)s\n\nIt is good until %(until)s (UTC)."
    ) % {
        "who": who,
        "organization": invitation.organization,
        "role": invitation.get_role_display(),
        "url": absolute("accounts:join", secret),
        "until": f"{invitation.expires_at:%d %b %Y, %H:%M}",
    }
    subject = _("Join %s on Moments") % invitation.organization
    EmailMessage(subject, text, None, [invitation.email], headers={KIND_HEADER: "invitation"}).send()


def mail_support_message(message: SupportMessage) -> None:
    """To the organization's asker when an operator wrote, to the operators when the organization did."""
    request = message.request
    if message.from_operator:
        to = request.opened_by.email if request.opened_by else None
        url = absolute("accounts:support_request", request.pk)
    else:
        to, url = settings.OPERATOR_EMAIL, absolute("admin:accounts_supportrequest_change", request.pk)
    if to:
        subject = _("%(subject)s (request %(number)d)") % {"subject": request.subject, "number": request.pk}
        text = _("%(body)s\n\nThe whole thread:\n%(url)s") % {"body": message.body, "url": url}
        send_mail(subject, text, None, [to])


def mail_sign_in_link(link: SignInLink, secret: str, *, to: str) -> None:
    """To whoever has the address. That there is no account with it, the mail says and the page does not."""
    if link.user_id:
        subject = _("Your link to sign in")
        text = _(
            "Sign in to Moments with this link, and you are back where you were:\n%(url)s\n\n"
            "It works once, within %(minutes)d minutes, in any browser. "
            "If you did not ask for it, ignore this: without the link nobody gets in."
        ) % {"url": absolute("accounts:open_link", secret), "minutes": MINUTES}
    else:
        subject = _("No account with this address")
        text = _(
            "Somebody, we think you, asked for a link to sign in to Moments with %(email)s. "
            "There is no account with this address.\n\n"
            "You may have used another one. You can also create an account:\n%(url)s"
        ) % {"email": to, "url": f"{absolute('account_signup')}?{urlencode(_known_fields(to, link.then))}"}
    send_mail(subject, text, None, [to])


def _known_fields(email: str, then: str) -> dict[str, str]:
    return {"email": email, **({"next": then} if then else {})}
