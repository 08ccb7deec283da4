"""Emails of the account: invitations, and links to sign in."""

from accounts.models import Invitation
from accounts.organizations.emails import mail_invitation, mail_sign_in_link
from accounts.sign_in.sign_in_links import make_link
from outbox.models import Mail
from tests import make


def test_an_invitation_names_who_invites_to_what_and_how_to_accept(member):
    invitation = make.invitation(email="new@example.com", of=member)

    mail_invitation(invitation, "the-secret")

    mail = Mail.objects.get()
    assert (mail.kind, mail.to_email) == ("invitation", "new@example.com")
    assert "Ada" in mail.text and member.organization.name in mail.text and "the-secret" in mail.text


def test_an_invitation_by_somebody_who_left_is_the_organizations(member):
    invitation = make.invitation(email="new@example.com", of=member)
    Invitation.objects.filter(pk=invitation.pk).update(invited_by=None)
    invitation.refresh_from_db()

    mail_invitation(invitation, "the-secret")

    assert f"{member.organization} invites you to {member.organization}" in Mail.objects.get().text


def test_a_link_for_an_account_and_one_for_none_are_worded_differently(customer, now):
    for email in (customer.email, "nobody@example.com"):
        link, secret = make_link(email, then="", now=now)
        mail_sign_in_link(link, secret, to=email)
        assert secret in Mail.objects.get(to_email=email).text

    kinds = dict(Mail.objects.values_list("to_email", "kind"))
    assert kinds == {customer.email: "sign_in_link", "nobody@example.com": "sign_in_link_unknown"}
