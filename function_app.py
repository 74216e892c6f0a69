"""The function app: every blueprint of `functions/`, registered. Nothing is decided here."""

import sys

import azure.functions as func

from shared.logs import configure
from shared.settings import SettingsError
from shared.wiring import app as services
from shared.wiring import settings

try:
    configure(settings().log_level)
except SettingsError as problem:
    sys.exit(f"Face ATM does not start: {problem}")

from functions import blueprints  # only with valid settings

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)
for blueprint in blueprints():
    app.register_functions(blueprint)

if settings().warm_engines:
    services().warmth.start()
