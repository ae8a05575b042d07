"""The import page, for whatever can be imported: upload → preview (nothing written) → run → report.

An importer is an object with
    what         short name kept beside the file ("people"); page: the URL name of its upload page
    title, lede  what the page says; columns: {field: [synonyms]}; sample: a small CSV; done_url: where to go afterwards
    options_form a PlainForm asked beside the file; its cleaned values must be JSON and are passed to `run`
    run(table, *, by, now, dry_run, **options) -> Report      writes nothing when dry_run

    @require_http_methods(["GET", "HEAD", "POST"])
    @administrators_only
    def import_clients(request):
        return upload_page(request, ClientImporter())         # /import/clients/

    def import_clients_file(request, uuid):                   # /import/clients/<uuid:uuid>/, name page + "_file"
        return file_page(request, ClientImporter(), uuid)
"""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts import import_jobs
from accounts.access import administrators_only
from accounts.forms import PlainForm, posted
from accounts.import_people import PeopleImporter
from accounts.import_report import Report
from accounts.models import ImportFile
from accounts.tables import LARGEST_FILE, NotATable, read_table, too_large


class UploadForm(PlainForm):
    file = forms.FileField(
        label=_("CSV or XLSX file"),
        help_text=_("At most 20 MB. Columns are found by their headers."),
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,.xlsx"}),
        allow_empty_file=True,  # our own words for it are clearer
        max_length=200,
        error_messages={"required": _("Choose a file first.")},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE:
            raise forms.ValidationError(too_large())
        self.content = file.read()
        try:
            read_table(self.content)
        except NotATable as problem:
            raise forms.ValidationError(str(problem)) from None
        return file


def upload_page(request, importer):
    if request.method != "POST" and "sample" in request.GET:
        answer = HttpResponse(importer.sample, content_type="text/csv; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{importer.what}.csv"'
        return answer
    form = UploadForm(posted(request), request.FILES if request.method == "POST" else None)
    options = importer.options_form(posted(request))
    if request.method == "POST" and all([form.is_valid(), options.is_valid()]):
        # Earlier files of theirs that never ran are of no use any more.
        ImportFile.objects.filter(uploaded_by=request.user, what=importer.what, started_at=None).delete()
        stored = ImportFile.objects.create(
            what=importer.what,
            name=form.cleaned_data["file"].name[:200],
            content=form.content,
            options=options.cleaned_data,
            uploaded_by=request.user,
            uploaded_at=timezone.now(),
        )
        return redirect(f"{importer.page}_file", stored.uuid)
    context = {"importer": importer, "form": form, "options": options}
    return render(request, "accounts/import_upload.html", context, status=422 if request.method == "POST" else 200)


def file_page(request, importer, uuid):
    """What the file would do, then what it did. Running twice is running once."""
    stored = get_object_or_404(ImportFile, uuid=uuid, what=importer.what, uploaded_by=request.user)
    if request.method == "POST":
        rows = 0 if stored.started_at else len(read_table(bytes(stored.content)).rows)
        if rows > import_jobs.LARGE:
            job = import_jobs.start(stored, importer, by=request.user, rows=rows, now=timezone.now())
            return redirect("job", job.uuid) if job else redirect(f"{importer.page}_file", stored.uuid)
        if ImportFile.objects.filter(pk=stored.pk, started_at=None).update(started_at=timezone.now()):
            try:
                report = _run(stored, importer, by=request.user, dry_run=False)
            except Exception:
                # Nothing was written: imports run in one transaction. The file can be tried again.
                ImportFile.objects.filter(pk=stored.pk).update(started_at=None)
                raise
            ImportFile.objects.filter(pk=stored.pk).update(report=report.as_json(), content=b"")
        return redirect(f"{importer.page}_file", stored.uuid)
    context = {"importer": importer, "file": stored}
    if stored.started_at is None:
        context["report"] = _run(stored, importer, by=request.user, dry_run=True)
    elif stored.report is not None:
        context["report"] = Report.from_json(stored.report)
    else:
        context["job"] = import_jobs.job_of(stored)
    return render(request, "accounts/import_file.html", context)


def _run(stored, importer, *, by, dry_run):
    table = read_table(bytes(stored.content))
    return importer.run(table, by=by, now=timezone.now(), dry_run=dry_run, **stored.options)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def import_people(request):
    return upload_page(request, PeopleImporter())


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def import_people_file(request, uuid):
    return file_page(request, PeopleImporter(), uuid)
