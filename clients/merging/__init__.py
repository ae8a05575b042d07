"""Two records of one client, or of one person, become one; and can be taken apart again for thirty days."""

from clients.merging.registry import (
    Relation,
    register,
    register_after,
    register_count,
    register_told,
    register_whole,
    relations,
)

__all__ = [
    "Relation",
    "register",
    "register_after",
    "register_count",
    "register_told",
    "register_whole",
    "relations",
]
