"""Pages of views under a name: kept, renamed, shown to everybody, copied, deleted, and brought back."""

from django import forms
from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts import saved_views
from accounts.conflict import ShownMixin
from accounts.forms import PlainForm
from accounts.lists import kinds


class ViewForm(ShownMixin, PlainForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        error_messages={"required": gettext_lazy("Give it a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    shared = forms.BooleanField(
        label=gettext_lazy("Show it to everybody here"),
        required=False,
        help_text=gettext_lazy("Each sees in it what they may see. You and managers can change it."),
    )


@require_http_methods(["GET", "POST"])
def view_new(request, page):
    """The filters of the list under a name; they come in the address, and go on in the form."""
    kind = kinds.get(page)
    posted = request.method == "POST"
    query = saved_views.tidy(kind, request.POST.get("query", "") if posted else request.GET.urlencode())
    name = request.GET.get("name", "")[:60]
    form = ViewForm(request.POST if posted else None, initial={"name": name})
    view = _tried(form, lambda data: saved_views.save(request.user, kind, query=query, **data))
    if view:
        messages.success(request, _("Saved as “%s”.") % view.name)
        return redirect(kind.address_of(view.query))
    return _page(request, kind, form, query, title=_("Save this view"))


@require_http_methods(["GET", "POST"])
def view_edit(request, page, pk):
    kind = kinds.get(page)
    view = get_object_or_404(saved_views.changed_by(request.user, kind), pk=pk)
    query = view.query
    initial = {"name": view.name, "shared": view.shared}
    form = ViewForm(request.POST if request.method == "POST" else None, initial=initial)
    form.hold_against(initial)
    if form.is_bound and form.is_valid() and form.has_moved_on:
        title = _("Rename, share or delete")
        return _page(request, kind, form, query, title=title, view=view, conflict=form.conflict(of=view))
    changed = _tried(form, lambda data: saved_views.change(view, **data))
    if changed:
        said = _("“%s” is shown to everybody here.") if changed.shared else _("It is called “%s” now.")
        messages.success(request, said % changed.name)
        seen = saved_views.seen_by(request.user, kind).filter(pk=changed.pk).exists()
        return redirect(kind.address_of(query if seen else ""))
    return _page(request, kind, form, query, title=_("Rename, share or delete"), view=view)


def _tried(form, act):
    """What the act gave; None when the form was not sent, is refused, or the act was."""
    if not (form.is_bound and form.is_valid()):
        return None
    try:
        return act(form.cleaned_data)
    except saved_views.NameTaken:
        form.add_error("name", _("One of your views is called that. Choose another name."))
    except saved_views.TooMany:
        form.add_error(None, _("You have as many views as fit. Delete one first."))
    except saved_views.TooLong:
        form.add_error(None, _("These filters are too long to be kept. Search for less."))
    return None


def _page(request, kind, form, query, *, title, view=None, conflict=None):
    context = {
        "kind": kind,
        "form": form,
        "query": query,
        "title": title,
        "view": view,
        "conflict": conflict,
        "back": kind.address_of(query),
        "words": kind.in_words(QueryDict(query), request.user),
    }
    return render(
        request, "accounts/lists/saved_view.html", context, status=409 if conflict else 422 if form.errors else 200
    )


@require_POST
def view_delete(request, page, pk):
    """Gone at once; the toast brings it back."""
    kind = kinds.get(page)
    view = get_object_or_404(saved_views.changed_by(request.user, kind), pk=pk)
    name, kept = view.name, saved_views.drop(view)
    undo = f"{reverse('saved_view_restore', args=[kind.page])}?{urlencode({'kept': kept})}"
    messages.success(request, _("Deleted “%s”.") % name, extra_tags=f"undo:{undo}")
    return redirect(kind.page)


@require_POST
def view_restore(request, page):
    kind = kinds.get(page)
    view = saved_views.restore(request.user, kind, request.GET.get("kept", ""))
    if view is None:
        messages.warning(request, _("That view cannot be brought back any more."))
        return redirect(kind.page)
    messages.success(request, _("“%s” is back.") % view.name)
    return redirect(kind.address_of(view.query))
