import material
from pyramid.config import Configurator
from pyramid.response import Response
from pyramid.session import SignedCookieSessionFactory

PROTOCOL = "wsgi"
LACKS = {}
PAGE = material.page_template()


def hello(request):
    return Response(material.GREETING, content_type="text/plain")


def message(request):
    return material.MESSAGE


def params(request):
    path, query = request.matchdict, request.GET
    return {
        "user": int(path["user"]),
        "post": path["post"],
        "q": query["q"],
        "page": int(query["page"]),
    }


def form(request):
    return Response(request.POST["name"])


def upload(request):
    return Response(str(len(request.POST["file"].file.read())))


def rows(request):
    return Response(PAGE.render(rows=material.ROWS))


def refused(request):
    raise material.Refused


def answer_refused(error, request):
    request.response.status_int = 418
    return {"error": "refused"}


def lines(request):
    chunks = (line.encode() for line in material.LINES)
    return Response(app_iter=chunks, content_type="text/plain")


def count(request):
    request.session["n"] = request.session.get("n", 0) + 1
    return Response(str(request.session["n"]))


def configured(routes, **settings):
    """A configurator with routes: pattern → view, or (view, renderer)."""
    config = Configurator(**settings)
    for number, (pattern, target) in enumerate(routes.items()):
        view, renderer = target if isinstance(target, tuple) else (target, None)
        config.add_route(f"route{number}", pattern)
        config.add_view(view, route_name=f"route{number}", renderer=renderer)
    return config


def make_main():
    config = configured(
        {
            "/": hello,
            "/json": (message, "json"),
            r"/users/{user:\d+}/posts/{post}": (params, "json"),
            "/form": form,
            "/upload": upload,
            "/rows": rows,
            "/refused": refused,
            "/lines": lines,
        }
    )
    config.add_static_view("static", material.static_folder())
    config.add_exception_view(answer_refused, context=material.Refused, renderer="json")
    return config.make_wsgi_app()


def make_session():
    factory = SignedCookieSessionFactory(material.SECRET)
    return configured({"/count": count}, session_factory=factory).make_wsgi_app()


def hook_tween(handler, registry):
    def call(request):
        request.user = "grace"
        response = handler(request)
        response.headers["X-Hook"] = "ran"
        return response

    return call


def make_hooks():
    config = configured({"/": lambda request: Response(request.user)})
    config.add_tween(f"{__name__}.hook_tween")
    return config.make_wsgi_app()


def make_routes():
    def show(request):
        return Response(str(int(request.matchdict["number"])))

    def fixed(n):
        def page(request):
            return Response(str(n))

        return page

    routes = {}
    for n in range(material.PAIRS_OF_ROUTES):
        routes[f"/page{n}"] = fixed(n)
        routes[f"/thing{n}/{{number:\\d+}}/show"] = show
    return configured(routes).make_wsgi_app()


APPS = {"main": make_main, "session": make_session, "hooks": make_hooks, "routes": make_routes}
