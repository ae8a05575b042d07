"""Files handed out. One is opened when somebody reads it and closed at its end, or when they go away."""

from django.http import StreamingHttpResponse
from django.utils.http import content_disposition_header

PIECE = 64 * 1024


def download(open_file, *, name, kind, size, headers=()):
    """The file that `open_file()` opens, of so many bytes, as a download under this name."""
    answer = StreamingHttpResponse(_pieces(open_file), content_type=kind, headers=dict(headers))
    answer["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    answer["Content-Length"] = str(size)
    return answer


def _pieces(open_file):
    with open_file() as file:
        while piece := file.read(PIECE):
            yield piece
