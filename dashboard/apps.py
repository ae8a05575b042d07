from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self):
        from accounts.context import register_nav
        from dashboard import heartbeats, my_day

        heartbeats.connect()
        register_nav("my_day", my_day.count)
