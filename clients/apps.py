from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"

    def ready(self):
        from clients import handover, mail_states

        handover.register()
        mail_states.register()
