import flask
from peers.flask_apps import make_apps

PROTOCOL = "wsgi"
LACKS = {}
APPS = make_apps(flask)
