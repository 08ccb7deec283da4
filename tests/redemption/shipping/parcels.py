"""What tests of parcels share."""

import pytest

from moments.errors import RuleViolation
from outbox.models import Mail
from redemption.addresses.address import Address
from redemption.models import Order

LIST = "admin:redemption_order_changelist"


def statuses() -> list[str]:
    return list(Order.objects.order_by("pk").values_list("status", flat=True))


def refused(act, *args, **kwargs) -> str:
    before = (list(Order.objects.values()), Mail.objects.count())
    with pytest.raises(RuleViolation) as caught:
        act(*args, **kwargs)
    assert (list(Order.objects.values()), Mail.objects.count()) == before
    return caught.value.code


def addressed(order: Order, address: Address) -> Order:
    Order.objects.filter(pk=order.pk).update(**address.as_fields())
    return Order.objects.select_related("product").get(pk=order.pk)


def sheet(*lines: tuple) -> bytes:
    return "\n".join(["Order number;Carrier;Tracking number", *(";".join(line) for line in lines)]).encode()
