from redemption.admin import fulfilment, memberships, orders

__all__ = ["fulfilment", "memberships", "orders"]
