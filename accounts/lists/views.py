"""The pages every list shares: which columns, and the list as a file."""

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import saved_views
from accounts.lists import columns, files, kinds, picks

NOT_IN_A_FILE = ("after", "before", "page", "next", "choice")


@require_http_methods(["GET", "POST"])
def list_columns(request, page):
    """Which columns, in which order. Up and down only draw the page anew; nothing is kept before it is sent."""
    kind = kinds.get(page)
    posted = request.method == "POST"
    back = saved_views.tidy(kind, request.POST.get("query", "") if posted else request.GET.urlencode())
    moves = "up" in request.POST or "down" in request.POST
    if posted and not moves:
        return _columns_kept(request, kind, back)
    known = columns.by_key(kind)
    if moves:
        on = set(request.POST.getlist("on"))
        order = _moved(request.POST, [key for key in request.POST.getlist("order") if key in known])
    else:
        on = set(columns.chosen(kind, QueryDict(back), user=request.user))
        order = columns.chosen(kind, QueryDict(back), user=request.user)
    heads = [key for key, column in known.items() if column.head]
    order = list(dict.fromkeys([*heads, *order, *known]))
    rows = [{"column": known[key], "on": key in on or known[key].head} for key in order]
    context = {"kind": kind, "rows": rows, "query": back, "back": kind.address_of(back)}
    return render(request, "accounts/lists/columns.html", context)


def _moved(query, order):
    """The order with one of them one place up or down."""
    for name, by in (("up", -1), ("down", 1)):
        key = query.get(name)
        if key in order:
            at = order.index(key)
            to = max(0, min(len(order) - 1, at + by))
            order.insert(to, order.pop(at))
    return order


def _columns_kept(request, kind, back):
    if "usual" in request.POST:
        columns.forget(kind, request.user)
        messages.success(request, _("The usual columns are shown again."))
    else:
        on = set(request.POST.getlist("on"))
        columns.remember(kind, request.user, [key for key in request.POST.getlist("order") if key in on])
        messages.success(request, _("These columns are shown from now on."))
    query = QueryDict(back, mutable=True)
    query.pop("cols", None)
    return redirect(kind.address_of(query.urlencode()))


@require_http_methods(["GET", "POST"])
def list_export(request, page):
    """What a file would hold, before there is one: how many, and in which columns. A long one is made by a worker."""
    now = timezone.now()
    kind, query = kinds.get(page), _file_query(request)
    selection = picks.read(kind, query, user=request.user, now=now)
    count = selection.found.order_by().count()
    shown = columns.shown(kind, query, user=request.user)
    if request.method == "POST":
        ending = request.POST.get("ending", "csv")
        ending = ending if ending in files.ENDINGS else "csv"
        job = files.start(kind, query=query.urlencode(), shown=shown, ending=ending, by=request.user, total=count)
        return redirect("job", job.uuid)
    context = {
        "kind": kind, "count": count, "counted": kind.count(count), "long": count > files.MOST_NOW,
        "too_many": count > files.MOST_IN_XLSX, "most": files.MOST_IN_XLSX, "everything": selection.everything,
        "words": selection.listing.in_words, "query": query.urlencode(), "shown": shown,
        "back": kind.address_of(saved_views.tidy(kind, query.urlencode())),
    }  # fmt: skip
    return render(request, "accounts/lists/export.html", context)


@require_GET
def list_file(request, page, ending):
    """The file at once; a long one only by way of the page before."""
    now = timezone.now()
    kind, query = kinds.get(page), _file_query(request)
    if ending not in files.ENDINGS:
        raise Http404(ending)
    selection = picks.read(kind, query, user=request.user, now=now)
    if selection.found.order_by()[: files.MOST_NOW + 1].count() > files.MOST_NOW:
        return redirect(f"{reverse('list_export', args=[kind.page])}?{query.urlencode()}")
    shown = columns.shown(kind, query, user=request.user)
    return files.answer(kind, selection, shown, ending=ending, now=now)


def _file_query(request):
    """The address without what only says where in the list we stand; nothing ticked is everything that matches."""
    query = request.GET.copy()
    for name in NOT_IN_A_FILE:
        query.pop(name, None)
    if "all" in query or not query.getlist("pick"):
        query.pop("pick", None)
        query["all"] = "1"
    return query
