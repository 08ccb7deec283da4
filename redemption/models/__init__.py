from redemption.models.addresses import SavedAddress
from redemption.models.appeals import Appeal
from redemption.models.digests import DigestOptOut
from redemption.models.fulfillment import FulfillmentRequest
from redemption.models.memberships import Membership
from redemption.models.orders import Order, OrderChange, OrderEvent, new_order_number
from redemption.models.payments import OrderPayment
from redemption.models.reservations import Reservation
from redemption.models.stock_alerts import BackInStockAlert
from redemption.models.substitutions import Substitution

__all__ = [
    "Appeal",
    "DigestOptOut",
    "FulfillmentRequest",
    "Membership",
    "Order",
    "OrderChange",
    "OrderEvent",
    "OrderPayment",
    "Reservation",
    "SavedAddress",
    "BackInStockAlert",
    "Substitution",
    "new_order_number",
]
