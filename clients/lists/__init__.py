"""The lists of this room as the shared pages of lists know them: clients, people, interactions, requests."""


def register():
    from accounts.lists import kinds
    from clients.lists.clients import CLIENTS
    from clients.lists.interactions import INTERACTIONS
    from clients.lists.people import PEOPLE
    from clients.lists.requests import REQUESTS

    for kind in (CLIENTS, PEOPLE, INTERACTIONS, REQUESTS):
        kinds.register(kind)
