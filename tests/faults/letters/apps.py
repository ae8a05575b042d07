from django.apps import AppConfig


class LettersConfig(AppConfig):
    name = "tests.faults.letters"

    def ready(self):
        from outbox.kinds import Kind, Message, register

        def render(email):
            return Message(subject=email.subject, text=f"For {email.to_email}", html="<p>Hello</p>")

        register(Kind(name="letters.staff", audience="staff", render=render))
        register(Kind(name="letters.client", audience="client", render=render))
