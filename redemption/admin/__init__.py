from redemption.admin import appeals, fulfilment, memberships, orders, payments, previews, wishes

__all__ = ["appeals", "fulfilment", "memberships", "orders", "payments", "previews", "wishes"]
