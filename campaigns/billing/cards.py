"""An organization's card: set up in the browser with Stripe, owned by whoever set it first."""

import datetime as dt
import logging

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member, Organization, User
from accounts.organizations.audit import AuditEvent, record
from accounts.privacy.user_lock import lock_active_user
from campaigns.models import Campaign, Payment, PaymentMethod, Statement
from moments.errors import RuleViolation
from moments.integrations import stripe
from moments.integrations.stripe import stripe_errors_as_refusals

logger = logging.getLogger(__name__)


def may_be_billed(organization: Organization) -> bool:
    """A card or the operator's waiver: one of them there must be before a campaign is approved."""
    if organization.payment_waived_at is not None:
        return True
    return PaymentMethod.objects.filter(organization=organization).exclude(method_id="").exists()


def refuse_no_manager(member: Member, method: PaymentMethod | None) -> None:
    if not member.may_manage:
        raise RuleViolation("forbidden", _("As %s you may not do this.") % member.get_role_display())
    if method and method.method_id and method.owner_id != member.user_id:
        message = _("%s owns the billing. An owner of the organization can hand it over.")
        raise RuleViolation("not_billing_owner", message % method.owner.get_full_name())


def begin_card(member: Member) -> tuple[str, str]:
    """(id, client secret) of a card to be set up. Goes to Stripe, so never inside a transaction.

    A customer that Stripe no longer knows, because its keys were changed or it was deleted there, is replaced.
    """
    method = _method_of(member.organization)
    refuse_no_manager(member, method)
    with stripe_errors_as_refusals():
        if method is not None:
            try:
                return stripe.begin_setup(method.customer_id)
            except stripe.NotKnown as error:
                logger.warning("Stripe no longer knows the customer of %s: %s", member.organization, error)
        method = _keep_customer(member, _create_customer(member), instead_of=method)
        return stripe.begin_setup(method.customer_id)


def _create_customer(member: Member) -> str:
    organization = member.organization
    return stripe.create_customer(organization_id=organization.pk, name=organization.name, email=member.user.email)


def _keep_customer(member: Member, customer_id: str, *, instead_of: PaymentMethod | None) -> PaymentMethod:
    """Of two that come at once the second goes on with the customer of the first."""
    with transaction.atomic():
        lock_active_user(member.user)
        if instead_of is not None:
            mine = PaymentMethod.objects.filter(pk=instead_of.pk, customer_id=instead_of.customer_id)
            mine.update(customer_id=customer_id)
            instead_of.refresh_from_db()
            return instead_of
        method, _made = PaymentMethod.objects.get_or_create(
            organization=member.organization, defaults={"owner": member.user, "customer_id": customer_id}
        )
        return method


def keep_card(member: Member, setup_id: str, *, now: dt.datetime) -> PaymentMethod:
    """What the browser has set up becomes the organization's card, after Stripe has said that it is theirs."""
    method = _method_of(member.organization)
    refuse_no_manager(member, method)
    if method is None:
        raise RuleViolation("no_setup", _("The card was not set up. Try it again."))
    with stripe_errors_as_refusals():
        card = stripe.card_of_setup(setup_id, method.customer_id)
    columns = {"method_id": card.method_id, "brand": card.brand, "last4": card.last4, "expires": card.expires}
    mine = PaymentMethod.objects.filter(pk=method.pk)
    with transaction.atomic():
        lock_active_user(member.user)
        first = mine.filter(method_id="").update(owner=member.user, set_at=now, **columns)
        kept = first or mine.filter(owner=member.user).update(set_at=now, **columns)
        method.refresh_from_db()
        if kept:
            record(member.organization, AuditEvent.CARD_SET, str(method), by=member.user, now=now)
    if not kept:
        refuse_no_manager(member, method)
    return method


def forget_card(member: Member) -> None:
    """No more charges to it. Refused while something of the organization runs or is due, unless payment is waived."""
    with transaction.atomic():
        method = PaymentMethod.objects.select_for_update().filter(organization=member.organization).first()
        refuse_no_manager(member, method)
        if method is None or not method.method_id:
            return
        _refuse_still_needed(member.organization)
        PaymentMethod.objects.filter(pk=method.pk).update(method_id="", brand="", last4="", expires="", set_at=None)
        record(member.organization, AuditEvent.CARD_REMOVED, str(method), by=member.user)


def _refuse_still_needed(organization: Organization) -> None:
    Status = Campaign.Status
    if Payment.objects.filter(statement__organization=organization, status=Payment.Status.OPEN).exists():
        raise RuleViolation("payment_under_way", _("A payment is under way; try again in a few minutes."))
    if organization.payment_waived_at is not None:
        return
    runs = Campaign.objects.filter(organization=organization).exclude(status__in=[*Campaign.EDITABLE, Status.FINISHED])
    if runs.exists():
        raise RuleViolation(
            "card_needed", _("A campaign waits, runs or is paused; finish it first, or replace the card.")
        )
    if Statement.objects.filter(organization=organization, status=Statement.Status.DUE).exists():
        raise RuleViolation("card_needed", _("A statement is still due."))


def hand_over(member: Member, *, to: Member) -> None:
    """An owner of the organization makes another manager the owner of its billing."""
    if member.role != Member.Role.OWNER:
        raise RuleViolation("forbidden", _("As %s you may not do this.") % member.get_role_display())
    transfer(member.organization, to=to, by=member.user)


def transfer(organization: Organization, *, to: Member, by: User) -> None:
    if to.organization_id != organization.pk or not to.may_manage:
        raise RuleViolation("no_manager", _("Only an owner or administrator can own the billing."), field="to")
    with transaction.atomic():
        lock_active_user(to.user)
        if not PaymentMethod.objects.filter(organization=organization).update(owner=to.user):
            raise RuleViolation("no_setup", _("There is no card yet; whoever sets the first owns the billing."))
        record(organization, AuditEvent.BILLING_HANDED_OVER, str(to.user), by=by)


def _method_of(organization: Organization) -> PaymentMethod | None:
    return PaymentMethod.objects.select_related("owner").filter(organization=organization).first()


def owner_of(organization: Organization) -> User | None:
    """Whom mails about payments go to."""
    method = _method_of(organization)
    return method.owner if method else None
