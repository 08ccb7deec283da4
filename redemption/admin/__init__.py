from redemption.admin import appeals, fulfilment, memberships, orders, wishes

__all__ = ["appeals", "fulfilment", "memberships", "orders", "wishes"]
