"""What Gunicorn loads: the application, set up from the environment."""

import sys

from .app import create_app
from .settings import BadSetting, from_environment

try:
    app = create_app(from_environment())
except BadSetting as error:
    print(f"service: {error}", file=sys.stderr)
    # Gunicorn's own code for "the application could not be loaded"; no traceback for a wrong setting.
    sys.exit(4)
