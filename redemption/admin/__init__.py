from redemption.admin import appeals, fulfilment, memberships, orders

__all__ = ["appeals", "fulfilment", "memberships", "orders"]
