"""Who may open a page of the console: the membership it is opened under, and the roles that may."""

import pytest
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.models import Member
from accounts.organizations.access import (
    CAPABILITIES,
    CHOSEN,
    EDITORS,
    MANAGERS,
    OWNERS,
    member_of,
    member_required,
    refuse_other_roles,
    table_of_roles,
)
from tests import make

Role = Member.Role


def request_of(user, **session):
    request = RequestFactory().get("/console/")
    request.user, request.session = user, session
    return request


def test_the_oldest_membership_is_worked_under_until_another_is_chosen(member):
    other = make.member()
    second = Member.objects.create(organization=other.organization, user=member.user, role=Role.EDITOR)

    assert member_of(request_of(member.user)) == member
    assert member_of(request_of(member.user, **{CHOSEN: second.organization_id})) == second


def test_a_choice_that_is_not_of_the_user_counts_as_none(member):
    stranger = make.member()

    assert member_of(request_of(member.user, **{CHOSEN: stranger.organization_id})) == member


def test_who_is_in_no_organization_has_no_membership(customer):
    assert member_of(request_of(customer)) is None


@pytest.mark.parametrize(
    ("role", "groups"),
    [(Role.OWNER, [OWNERS, MANAGERS, EDITORS]), (Role.ADMIN, [MANAGERS, EDITORS]), (Role.EDITOR, [EDITORS])],
)
def test_a_role_passes_the_groups_that_it_is_in_and_no_other(db, role, groups):
    member = make.member(role)

    for group in (OWNERS, MANAGERS, EDITORS):
        if group in groups:
            refuse_other_roles(member, *group)
        else:
            with pytest.raises(PermissionDenied, match=str(member.get_role_display())):
                refuse_other_roles(member, *group)


def test_the_table_of_roles_has_a_column_for_each_role_and_owners_may_all():
    table = table_of_roles()

    assert [what for what, _may in table] == [str(what) for what, _roles in CAPABILITIES]
    assert {len(may) for _what, may in table} == {len(Role)}
    assert all(may[list(Role).index(Role.OWNER)] for _what, may in table)
    assert not all(may[list(Role).index(Role.ANALYST)] for _what, may in table)


def test_a_page_gets_the_member_and_whoever_has_none_is_sent_to_register(member, customer):
    @member_required()
    def page(request):
        return HttpResponse(str(request.member.pk))

    assert page(request_of(member.user)).text == str(member.pk)
    assert page(request_of(customer))["Location"] == "/console/organization/new/"


def test_the_view_of_a_page_is_not_run_for_another_role(db):
    ran = []

    @member_required(*MANAGERS)
    def page(request):
        ran.append(request.member)
        return HttpResponse()

    with pytest.raises(PermissionDenied):
        page(request_of(make.member(Role.EDITOR).user))

    assert ran == []
