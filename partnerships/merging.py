"""What becomes of talks, suggestions and celebrations when two clients become one."""

from django.utils.translation import ngettext

from clients import merging


def register():
    merging.register("partnerships.Celebration", lambda mover, row, twin: mover.stay(row))  # celebrated once is enough
    merging.register_count(
        "partnerships.Concern",
        lambda n: ngettext("%(n)d talk to clear the air", "%(n)d talks to clear the air", n) % {"n": n},
    )
    merging.register_count(
        "partnerships.Suggestion", lambda n: ngettext("%(n)d suggestion", "%(n)d suggestions", n) % {"n": n}
    )
