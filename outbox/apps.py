from django.apps import AppConfig


class OutboxConfig(AppConfig):
    name = "outbox"

    def ready(self):
        from outbox import bounces, checks  # noqa: F401 -- registers the checks

        bounces.register()
