"""Personal links. A token is an HMAC of the mail's uuid, so a retry carries the same link and none is ever stored."""

import base64
import hashlib
import hmac

from django.conf import settings


def keys():
    """The signing keys, newest first. Removing a key revokes every link made with it."""
    return list(settings.LINK_KEYS) or [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]


def key_id(key):
    return hashlib.sha256(b"outbox link key id:" + key.encode()).hexdigest()[:8]


def newest_key_id():
    return key_id(keys()[0])


def is_known(wanted_id):
    return any(key_id(key) == wanted_id for key in keys())


def make(uuid, wanted_id):
    """The token for a uuid under the key of that id, or under the newest one when that key is gone. 43 characters."""
    key = next((key for key in keys() if key_id(key) == wanted_id), keys()[0])
    digest = hmac.new(key.encode(), b"outbox link:" + uuid.bytes, hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def token(email):
    """The personal token of a mail: 256 bits, the same at every try as long as its key is kept."""
    return make(email.uuid, email.link_key)


def fingerprint(text):
    return hashlib.sha256(text.encode()).hexdigest()


def absolute(path):
    return settings.BASE_URL + path
