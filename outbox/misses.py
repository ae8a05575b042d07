"""Misses: public links that belong to nothing. Whoever tries many from one address waits some minutes for an answer.

Only misses count and only misses are slowed down: a good link always opens, from any address. The counts live in the
cache: together for all web processes where there is a Redis on the network, else for each process.
"""

import hashlib
import ipaddress

from django.conf import settings
from django.core.cache import cache

LIMIT = 20  # misses of one address
COOL_OFF_SECONDS = 5 * 60  # from the first of them on

NOT_FOUND, TOO_MANY = 404, 429


def status(request):
    """Count one miss of this reader, and say which status their page gets."""
    key = f"link-misses:{hashlib.sha256(place_of(request).encode()).hexdigest()}"
    cache.add(key, 0, COOL_OFF_SECONDS)
    try:
        misses = cache.incr(key)
    except ValueError:  # its minutes were over just now
        return NOT_FOUND
    return NOT_FOUND if misses <= LIMIT else TOO_MANY


def place_of(request):
    """The address a request came from; of IPv6 the network, for one household has 2⁶⁴ of them."""
    text = request.META.get("REMOTE_ADDR", "")
    proxies = settings.TRUSTED_PROXIES
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")
    if proxies and forwarded != [""] and len(forwarded) >= proxies:
        text = forwarded[-proxies]
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return "unknown"
    if address.version == 6:
        return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)
