import material
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import JSONResponse, PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.templating import Jinja2Templates

PROTOCOL = "asgi"
LACKS = {}
TEMPLATES = Jinja2Templates(env=material.page_template().environment)


async def hello(request):
    return PlainTextResponse(material.GREETING)


async def message(request):
    return JSONResponse(material.MESSAGE)


async def params(request):
    path, query = request.path_params, request.query_params
    return JSONResponse(
        {
            "user": path["user"],
            "post": path["post"],
            "q": query["q"],
            "page": int(query["page"]),
        }
    )


async def form(request):
    return PlainTextResponse((await request.form())["name"])


async def upload(request):
    async with request.form() as fields:
        return PlainTextResponse(str(len(await fields["file"].read())))


async def rows(request):
    return TEMPLATES.TemplateResponse(request, "rows.html", {"rows": material.ROWS})


async def refused(request):
    raise material.Refused


async def answer_refused(request, error):
    return JSONResponse({"error": "refused"}, status_code=418)


async def lines(request):
    async def chunks():
        for line in material.LINES:
            yield line

    return StreamingResponse(chunks(), media_type="text/plain")


async def count(request):
    request.session["n"] = request.session.get("n", 0) + 1
    return PlainTextResponse(str(request.session["n"]))


def make_main():
    return Starlette(
        routes=[
            Route("/", hello),
            Route("/json", message),
            Route("/users/{user:int}/posts/{post}", params),
            Route("/form", form, methods=["POST"]),
            Route("/upload", upload, methods=["POST"]),
            Route("/rows", rows),
            Route("/refused", refused),
            Route("/lines", lines),
            Mount("/static", StaticFiles(directory=material.static_folder())),
        ],
        exception_handlers={material.Refused: answer_refused},
    )


def make_session():
    sessions = Middleware(SessionMiddleware, secret_key=material.SECRET)
    return Starlette(routes=[Route("/count", count)], middleware=[sessions])


class Hooks:
    """A middleware of ASGI's own kind, which costs far less than Starlette's base class."""

    def __init__(self, app):
        self.app = app

    async def __call__(self, scope, receive, send):
        async def with_header(message):
            if message["type"] == "http.response.start":
                message["headers"].append((b"x-hook", b"ran"))
            await send(message)

        if scope["type"] == "http":
            scope["state"]["user"] = "grace"
        await self.app(scope, receive, with_header if scope["type"] == "http" else send)


async def user(request):
    return PlainTextResponse(request.state.user)


def make_hooks():
    return Starlette(routes=[Route("/", user)], middleware=[Middleware(Hooks)])


def make_routes():
    async def show(request):
        return PlainTextResponse(str(request.path_params["number"]))

    def fixed(n):
        async def page(request):
            return PlainTextResponse(str(n))

        return page

    routes = []
    for n in range(material.PAIRS_OF_ROUTES):
        routes.append(Route(f"/page{n}", fixed(n)))
        routes.append(Route(f"/thing{n}/{{number:int}}/show", show))
    return Starlette(routes=routes)


APPS = {"main": make_main, "session": make_session, "hooks": make_hooks, "routes": make_routes}
