from peers.flask_apps import make_apps

import costrel

PROTOCOL = "wsgi"
LACKS = {}
APPS = make_apps(costrel)
