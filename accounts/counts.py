"""Counts that all web processes share, for the limits on sign-ins and on links that miss.

They stand in Redis. While it does not answer each process counts for itself: a page never waits for a broker, and never
breaks with it.
"""

import json
import logging
import time

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis import RedisError

log = logging.getLogger(__name__)

QUIET_SECONDS = 15  # how long a server that did not answer is left alone
PATIENCE_SECONDS = 0.5


class Plain:
    """Values as JSON: what stands in Redis can be wrong, but it can never be code."""

    def dumps(self, value):
        return value if type(value) is int else json.dumps(value).encode()

    def loads(self, data):
        return json.loads(data)


def _or_alone(name):
    def method(self, *args, **kwargs):
        if time.monotonic() >= self.quiet_until:
            try:
                return getattr(super(SharedCounts, self), name)(*args, **kwargs)
            except (RedisError, OSError) as problem:
                self.alone_for_a_while(problem)
        return getattr(self.alone, name)(*args, **kwargs)

    return method


class SharedCounts(RedisCache):
    quiet_until = 0.0  # of the class: each thread has an instance of its own

    def __init__(self, server, params):
        options = {
            "serializer": Plain(),
            "socket_timeout": PATIENCE_SECONDS,
            "socket_connect_timeout": PATIENCE_SECONDS,
            **params.get("OPTIONS", {}),
        }
        super().__init__(server, {**params, "OPTIONS": options})
        self.alone = LocMemCache("counts", params)

    def alone_for_a_while(self, problem):
        type(self).quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("Redis did not answer; each web process counts sign-ins for itself. %s", type(problem).__name__)

    get, set, add, touch, delete, has_key = map(_or_alone, ["get", "set", "add", "touch", "delete", "has_key"])
    incr, get_many, set_many, delete_many = map(_or_alone, ["incr", "get_many", "set_many", "delete_many"])

    def clear(self):
        raise NotImplementedError("The broker's queues stand in the same Redis: nothing here may flush it.")
