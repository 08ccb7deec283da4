"""Who in an organization receives its emails."""

from accounts.models import Member, User


def people_responsible(organization_id: int, *, maker_id: int | None) -> list[User]:
    """Return who made the thing in question, if they may still edit it, else the owners and administrators."""
    members = Member.objects.filter(organization_id=organization_id).select_related("user").order_by("id")
    makers = [member.user for member in members if member.user_id == maker_id and member.may_edit]
    return makers or [member.user for member in members if member.may_manage]
