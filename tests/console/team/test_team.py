"""The team: invited, withdrawn, left."""

import pytest
from django.urls import reverse

from accounts.organizations import service as organizations
from moments.errors import RuleViolation
from tests import make


def test_an_invitation_is_withdrawn_once_and_its_link_is_dead(console, member, now):
    invitation, secret = organizations.invite_member(member, email="new@example.com", role="editor", now=now)
    page = reverse("console:team:withdraw_invitation", args=[invitation.pk])

    assert "Withdraw the invitation of new@example.com?" in console.get(page).text
    assert organizations.open_invitations(member.organization, now=now).exists()
    assert "is withdrawn" in console.post(page, follow=True).text
    assert console.post(page).status_code == 404
    with pytest.raises(RuleViolation, match="no longer good"):
        organizations.accept_invitation(secret, user=make.user("new@example.com"), now=now)
    with pytest.raises(RuleViolation, match="no longer open"):
        organizations.withdraw_invitation(invitation, by=member, now=now)


def test_a_stranger_finds_no_invitation(client, member, now):
    invitation, _secret = organizations.invite_member(member, email="new@example.com", role="editor", now=now)
    client.force_login(make.member().user)

    assert client.post(reverse("console:team:withdraw_invitation", args=[invitation.pk])).status_code == 404
    assert organizations.open_invitations(member.organization, now=now).exists()


def test_an_analyst_leaves_by_themselves_and_removes_nobody(client, member):
    analyst = make.member("analyst", organization=member.organization)
    client.force_login(analyst.user)
    leave = reverse("console:team:remove", args=[analyst.pk])
    assert leave in client.get(reverse("console:team:list")).text

    assert client.get(reverse("console:team:remove", args=[member.pk])).status_code == 403
    assert client.post(reverse("console:team:remove", args=[member.pk])).status_code == 403
    assert "only an invitation brings you back" in client.get(leave).text
    client.post(leave)

    assert list(member.organization.members.all()) == [member]
