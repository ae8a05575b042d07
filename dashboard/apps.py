from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self):
        from accounts.context import register_nav
        from dashboard import follow_ups_digest, heartbeats, my_day, requests_digest
        from partnerships import day_cards as talk_cards
        from promises import letter_list, nav
        from promises.reminders import sections
        from surveys import day_cards

        heartbeats.connect()
        requests_digest.register()
        sections.register(follow_ups_digest.section())
        register_nav("my_day", nav.late_or_today)
        my_day.register_card(letter_list.waiting_card, order=3)
        my_day.register_card(letter_list.day_card, order=5)
        my_day.register_card(talk_cards.worth_celebrating, order=1)
        my_day.register_card(talk_cards.talks, order=8)
        my_day.register_card(day_cards.beliefs, order=10)
        my_day.register_card(day_cards.answers, order=20)
