"""Queries that hang on who reads, put into words once for managers, who see all, and once for everybody else.

    @for_readers
    def _open(reader, *, client):
        return Promise.objects.visible_to(reader).filter(client=client)

    _open(request.user, client=client.pk)     # [promise, …]

`reader` is somebody of that role, to be handed to `visible_to`. Where managers too have rows of their own, say
`@for_readers(own=True)`.
"""

from functools import partial, wraps

from accounts.models import Role, User
from accounts.written import written


def for_readers(build=None, *, own=False):
    if build is None:
        return partial(for_readers, own=own)

    @written
    def of_managers(**values):
        return build(User(pk=values.pop("reader", None), role=Role.MANAGER), **values)

    @written
    def of_others(*, reader, **values):
        return build(User(pk=reader), **values)

    @wraps(build)
    def ask(user, **values):
        if user.is_manager:
            return of_managers(**({"reader": user.pk} if own else {}), **values)
        return of_others(reader=user.pk, **values)

    return ask
