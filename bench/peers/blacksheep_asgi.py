import material
from blacksheep import Application, Request, Response, StreamedContent, html, json, text
from blacksheep.server.routing import Router

PROTOCOL = "asgi"
LACKS = {}
PAGE = material.page_template()


async def hello(request: Request):
    return text(material.GREETING)


async def message(request: Request):
    return json(material.MESSAGE)


async def params(user: int, post: str, q: str, page: int):
    return json({"user": user, "post": post, "q": q, "page": page})


async def form(request: Request):
    return text((await request.form())["name"])


async def upload(request: Request):
    files = await request.files("file")
    return text(str(len(files[0].data)))


async def rows(request: Request):
    return html(PAGE.render(rows=material.ROWS))


async def refused(request: Request):
    raise material.Refused


async def answer_refused(app, request, error):
    return json({"error": "refused"}, status=418)


async def lines(request: Request):
    async def chunks():
        for line in material.LINES:
            yield line.encode()

    return Response(200, content=StreamedContent(b"text/plain", chunks))


def new():
    # A router of its own: by default, all applications of a process share one.
    return Application(router=Router())


def make_main():
    app = new()
    app.serve_files(material.static_folder(), root_path="static", extensions={".bin"})
    app.exceptions_handlers[material.Refused] = answer_refused
    router = app.router
    router.add_get("/", hello)
    router.add_get("/json", message)
    router.add_get("/users/{int:user}/posts/{post}", params)
    router.add_post("/form", form)
    router.add_post("/upload", upload)
    router.add_get("/rows", rows)
    router.add_get("/refused", refused)
    router.add_get("/lines", lines)
    return app


def make_session():
    app = new()
    app.use_sessions(material.SECRET)

    async def count(request: Request):
        request.session["n"] = request.session.get("n", 0) + 1
        return text(str(request.session["n"]))

    app.router.add_get("/count", count)
    return app


def make_hooks():
    app = new()

    async def user(request: Request):
        return text(request.user)

    async def hook(request, handler):
        request.user = "grace"
        response = await handler(request)
        response.add_header(b"x-hook", b"ran")
        return response

    app.router.add_get("/", user)
    app.middlewares.append(hook)
    return app


def make_routes():
    app = new()

    async def show(number: int):
        return text(str(number))

    def fixed(n):
        async def page(request: Request):
            return text(str(n))

        return page

    for n in range(material.PAIRS_OF_ROUTES):
        app.router.add_get(f"/page{n}", fixed(n))
        app.router.add_get(f"/thing{n}/{{int:number}}/show", show)
    return app


APPS = {"main": make_main, "session": make_session, "hooks": make_hooks, "routes": make_routes}
