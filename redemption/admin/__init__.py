from redemption.admin import appeals, fulfilment, memberships, orders, payments, stock_alerts

__all__ = ["appeals", "fulfilment", "memberships", "orders", "payments", "stock_alerts"]
