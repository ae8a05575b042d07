"""Counts over very many rows, kept for a minute: they cost more than the page, and one more changes nothing in them."""

from django.core.cache import caches

LARGE = 1000
SECONDS = 60


def counted(key, count, *, size):
    """`count()`, or what it came to less than a minute ago. Kept only where `size(counted)` is large: small is exact.

    The key says whose rows are counted: never one reader's under a key another reader asks.
    """
    key = f"large:{key.replace(' ', '-')}"
    kept = caches["large"]  # in the memory of this process, as the objects they are
    found = kept.get(key)
    if found is None:
        found = count()
        if size(found) > LARGE:
            kept.set(key, found, SECONDS)
    return found
