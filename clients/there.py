"""Which kinds of records a client has at all, told with the client itself: its page then asks for those only."""

from django.db.models import Exists, OuterRef

_names = ["follow_ups", "requests"]


def register(*names):
    """Let a room have it told whether there are any: names of reverse relations of a client."""
    _names.extend(name for name in names if name not in _names)


def told(clients):
    """A queryset of clients that know which kinds they have."""
    relations = {name: clients.model._meta.get_field(name) for name in _names}
    return clients.annotate(
        **{
            f"has_{name}": Exists(relation.related_model.objects.filter(**{relation.field.name: OuterRef("pk")}))
            for name, relation in relations.items()
        }
    )


def are(client, name):
    """Whether there is any; yes where nobody asked."""
    return getattr(client, f"has_{name}", True)
