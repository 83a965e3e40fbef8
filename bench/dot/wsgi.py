"""PEP 3333 — the django-oauth-toolkit project, as startproject's wsgi.py has it."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
