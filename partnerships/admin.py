from django.contrib import admin

from partnerships.models import Concern


@admin.register(Concern)
class ConcernAdmin(admin.ModelAdmin):
    list_display = ["client", "state", "severity", "opened_at"]
    list_filter = ["state", "severity", "origin"]
    raw_id_fields = ["client", "opened_by"]
    filter_horizontal = []
    exclude = ["promises", "talk_with"]
