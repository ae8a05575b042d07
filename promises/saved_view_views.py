"""One's own views of the list of promises: saved under a name, renamed, deleted, and brought back."""

from django import forms
from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import PlainForm
from promises import filters, saved_views


class NameForm(PlainForm):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=60,
        error_messages={"required": gettext_lazy("Give it a name.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _list_of(query):
    return f"{reverse('promises')}?{query}" if query else reverse("promises")


@require_http_methods(["GET", "POST"])
def view_new(request):
    """The filters of the list under a name; they come in the address, and go on in the form."""
    query = saved_views.tidy(request.POST.get("query", "") if request.method == "POST" else request.GET.urlencode())
    form = NameForm(request.POST if request.method == "POST" else None)
    view = _tried(form, lambda name: saved_views.save(request.user, name=name, query=query))
    if view:
        messages.success(request, _("Saved as “%s”.") % view.name)
        return redirect(_list_of(view.query))
    return _page(request, form, query, title=_("Save this view"))


@require_http_methods(["GET", "POST"])
def view_edit(request, pk):
    view = get_object_or_404(saved_views.of(request.user), pk=pk)
    query = view.query
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": view.name})
    renamed = _tried(form, lambda name: saved_views.rename(view, name=name))
    if renamed:
        messages.success(request, _("It is called “%s” now.") % renamed.name)
        return redirect(_list_of(query))
    return _page(request, form, query, title=_("Rename this view"), view=view)


def _tried(form, act):
    """What the act gave; None when the form was not sent, is refused, or the act was."""
    if not (form.is_bound and form.is_valid()):
        return None
    try:
        return act(form.cleaned_data["name"])
    except saved_views.NameTaken:
        form.add_error("name", _("One of your views is called that. Choose another name."))
    except saved_views.TooMany:
        form.add_error(None, _("You have as many views as fit. Delete one first."))
    except saved_views.TooLong:
        form.add_error(None, _("These filters are too long to be kept. Search for less."))
    return None


def _page(request, form, query, *, title, view=None):
    shown = filters.read(QueryDict(query), user=request.user)
    context = {
        "form": form,
        "query": query,
        "title": title,
        "view": view,
        "back": _list_of(query),
        "words": shown.in_words,
    }
    return render(request, "promises/saved_view.html", context, status=422 if form.errors else 200)


@require_POST
def view_delete(request, pk):
    """Gone at once; the toast brings it back."""
    view = get_object_or_404(saved_views.of(request.user), pk=pk)
    name, kept = view.name, saved_views.drop(view)
    undo = f"{reverse('saved_view_restore')}?{urlencode({'kept': kept})}"
    messages.success(request, _("Deleted “%s”.") % name, extra_tags=f"undo:{undo}")
    return redirect("promises")


@require_POST
def view_restore(request):
    view = saved_views.restore(request.user, request.GET.get("kept", ""))
    if view is None:
        messages.warning(request, _("That view cannot be brought back any more."))
        return redirect("promises")
    messages.success(request, _("“%s” is back.") % view.name)
    return redirect(_list_of(view.query))
