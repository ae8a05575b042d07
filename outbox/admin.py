"""For looking only: mail is written by the rooms and changed on its own pages."""

from django.contrib import admin

from outbox.models import Attempt, Circuit, Email, Heartbeat


class LookOnly(admin.ModelAdmin):
    def has_add_permission(self, request):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


class AttemptInline(admin.TabularInline):
    model = Attempt
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False


@admin.register(Email)
class EmailAdmin(LookOnly):
    list_display = ["created_at", "state", "to_email", "subject", "kind", "attempts", "last_code"]
    list_filter = ["state", "kind"]
    search_fields = ["to_email", "subject", "message_id", "key"]
    show_full_result_count = False
    exclude = ["link_sha256"]
    inlines = [AttemptInline]


@admin.register(Circuit)
class CircuitAdmin(LookOnly):
    list_display = ["server", "failures", "since", "open_until", "last_words"]


@admin.register(Heartbeat)
class HeartbeatAdmin(LookOnly):
    list_display = ["name", "at", "note"]
