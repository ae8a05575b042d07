"""The check of forms on pages behind personal links."""

from django.middleware.csrf import CsrfViewMiddleware
from django.utils.decorators import decorator_from_middleware


class OwnForms(CsrfViewMiddleware):
    """Knows our forms by their key alone: from a page with `no-referrer` browsers send `Origin: null`."""

    def _origin_verified(self, request):
        return request.META["HTTP_ORIGIN"] == "null" or super()._origin_verified(request)


own_forms = decorator_from_middleware(OwnForms)
