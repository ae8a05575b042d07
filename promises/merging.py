"""Promises and letters move along when two clients become one."""

from django.utils.translation import ngettext

from clients import merging


def register():
    merging.register_count("promises.Promise", lambda n: ngettext("%(n)d promise", "%(n)d promises", n) % {"n": n})
    merging.register_count("promises.Letter", lambda n: ngettext("%(n)d letter", "%(n)d letters", n) % {"n": n})
