from redemption.admin import appeals, fulfilment, memberships, orders, payments, wishes

__all__ = ["appeals", "fulfilment", "memberships", "orders", "payments", "wishes"]
