from redemption.admin import appeals, fulfillment, memberships, orders, payments, stock_alerts

__all__ = ["appeals", "fulfillment", "memberships", "orders", "payments", "stock_alerts"]
