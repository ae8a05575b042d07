"""A bound for what is uploaded at once, before a byte of it is read."""

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadhandler import FileUploadHandler

FILES_AT_ONCE = 10


class Bounded(FileUploadHandler):
    """Refuses a request that says it is larger than a handful of the largest files; passes all others on."""

    def handle_raw_input(self, input_data, META, content_length, boundary, encoding=None):
        most = settings.ATTACHMENT_MB * FILES_AT_ONCE * 1024 * 1024 + settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if content_length > most:
            raise RequestDataTooBig(f"At most {most} bytes may be sent at once.")

    def receive_data_chunk(self, raw_data, start):
        return raw_data

    def file_complete(self, file_size):
        return None
