from django.contrib import admin

from accounts.models import Absence, User, Workspace


class AbsenceInline(admin.TabularInline):
    model = Absence
    extra = 0


@admin.register(User)
class UserAdmin(admin.ModelAdmin):
    """For looking things up; people are invited, changed and deactivated on the people page."""

    list_display = ["name", "email", "role", "is_active", "last_login"]
    list_filter = ["role", "is_active", "origin"]
    search_fields = ["name", "email"]
    readonly_fields = ["public_id", "last_login", "date_joined", "deactivated_at"]
    exclude = ["password", "groups", "user_permissions"]
    inlines = [AbsenceInline]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False


@admin.register(Workspace)
class WorkspaceAdmin(admin.ModelAdmin):
    list_display = ["firm_name", "time_zone", "country"]

    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
