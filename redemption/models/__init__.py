from redemption.models.addresses import SavedAddress
from redemption.models.fulfilment import FulfilmentRequest
from redemption.models.memberships import Membership
from redemption.models.orders import Order, OrderChange, new_order_number
from redemption.models.report_mails import ReportMail
from redemption.models.substitutions import Substitution

__all__ = [
    "FulfilmentRequest",
    "Membership",
    "Order",
    "OrderChange",
    "ReportMail",
    "SavedAddress",
    "Substitution",
    "new_order_number",
]
