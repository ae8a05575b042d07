import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "partnership_crm.settings")

application = get_wsgi_application()

# What has been loaded stays; to look through it again and again for garbage would take a tenth of every page.
gc.collect()
gc.freeze()
gc.set_threshold(20_000, 20, 50)
