from django.urls import path

from console.points import exchange_views, program_views, rule_views, simulator_views, tier_views, user_views

app_name = "points"

urlpatterns = [
    path("", program_views.points, name="list"),
    path("new/", program_views.new_program, name="new"),
    path("<uuid:pk>/", program_views.program, name="program"),
    path("<uuid:pk>/settings/", program_views.settings, name="settings"),
    path("<uuid:pk>/apps/join/", program_views.join_app, name="join_app"),
    path("<uuid:pk>/apps/<uuid:app_pk>/leave/", program_views.leave_app, name="leave_app"),
    path("<uuid:pk>/test-ledger/clear/", program_views.clear_test_ledger, name="clear_test_ledger"),
    path("<uuid:pk>/rules/", rule_views.rules, name="rules"),
    path("<uuid:pk>/rules/new/", rule_views.add_rule, name="add_rule"),
    path("<uuid:pk>/rules/<int:rule_pk>/", rule_views.rule, name="rule"),
    path("<uuid:pk>/rules/<int:rule_pk>/pause/", rule_views.pause_rule, name="pause_rule"),
    path("<uuid:pk>/rules/<int:rule_pk>/resume/", rule_views.resume_rule, name="resume_rule"),
    path("<uuid:pk>/rules/<int:rule_pk>/remove/", rule_views.remove_rule, name="remove_rule"),
    path("<uuid:pk>/multipliers/new/", rule_views.add_multiplier, name="add_multiplier"),
    path("<uuid:pk>/multipliers/<int:multiplier_pk>/remove/", rule_views.remove_multiplier, name="remove_multiplier"),
    path("<uuid:pk>/tiers/", tier_views.tiers_page, name="tiers"),
    path("<uuid:pk>/tiers/new/", tier_views.add_tier, name="add_tier"),
    path("<uuid:pk>/tiers/<int:tier_pk>/", tier_views.tier, name="tier"),
    path("<uuid:pk>/tiers/<int:tier_pk>/retire/", tier_views.retire_tier, name="retire_tier"),
    path("<uuid:pk>/statuses/new/", tier_views.add_status, name="add_status"),
    path("<uuid:pk>/statuses/<int:status_pk>/", tier_views.status, name="status"),
    path("<uuid:pk>/statuses/<int:status_pk>/remove/", tier_views.remove_status, name="remove_status"),
    path("<uuid:pk>/users/", user_views.users, name="users"),
    path("<uuid:pk>/users/<int:account_pk>/", user_views.user, name="user"),
    path("<uuid:pk>/users/<int:account_pk>/export/", user_views.export, name="export"),
    path("<uuid:pk>/users/<int:account_pk>/adjust/", user_views.adjust, name="adjust"),
    path(
        "<uuid:pk>/users/<int:account_pk>/events/<int:event_pk>/reverse/",
        user_views.reverse_event,
        name="reverse_event",
    ),
    path("<uuid:pk>/record/", user_views.record_event, name="record"),
    path("<uuid:pk>/exchange/<int:tier_pk>/", exchange_views.exchange, name="exchange"),
    path("<uuid:pk>/stuck/<int:stuck_pk>/retry/", exchange_views.retry_stuck, name="retry_stuck"),
    path("<uuid:pk>/stuck/<int:stuck_pk>/dismiss/", exchange_views.dismiss_stuck, name="dismiss_stuck"),
    path("<uuid:pk>/simulator/", simulator_views.simulator, name="simulator"),
]
