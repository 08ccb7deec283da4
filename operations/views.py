"""Endpoint for monitoring."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from moments import clock
from operations.alarms import OF_THE_MACHINE, alarms


def is_monitor(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    return bool(settings.MONITOR_TOKEN) and constant_time_compare(given, settings.MONITOR_TOKEN)


@never_cache
@require_safe
def statusz(request: HttpRequest) -> HttpResponse:
    """Return 200 if there are no alarms, else 503 with their codes.

    Without the monitor's token, only alarms about the machine are included, because others depend on orders, emails and
    campaigns.
    """
    codes = sorted({alarm.code for alarm in alarms(now=clock.now())})
    if not is_monitor(request):
        codes = [code for code in codes if code in OF_THE_MACHINE]
    return JsonResponse({"ok": not codes, "alarms": codes}, status=503 if codes else 200)
