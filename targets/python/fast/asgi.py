"""What Gunicorn loads: the application, set up from the environment."""

import sys

from service.settings import BadSetting, from_environment

from .app import Application, Asgi

try:
    app = Asgi(Application(from_environment()))
except BadSetting as error:
    print(f"service: {error}", file=sys.stderr)
    sys.exit(4)  # as service.wsgi ends
