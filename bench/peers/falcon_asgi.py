import falcon
import falcon.asgi
import material
from peers.falcon_wsgi import Answer, text

PROTOCOL = "asgi"
LACKS = {"session": "no sessions"}
PAGE = material.page_template()


async def hello(request, response):
    text(response, material.GREETING)


async def message(request, response):
    response.media = material.MESSAGE


async def params(request, response, user, post):
    response.media = {
        "user": user,
        "post": post,
        "q": request.get_param("q"),
        "page": request.get_param_as_int("page"),
    }


class Form:
    async def on_post(self, request, response):
        text(response, (await request.get_media())["name"])


class Upload:
    async def on_post(self, request, response):
        async for part in await request.get_media():
            if part.name == "file":
                text(response, str(len(await part.stream.read())))
            else:
                await part.get_text()


async def rows(request, response):
    response.content_type = falcon.MEDIA_HTML
    response.text = PAGE.render(rows=material.ROWS)


async def refused(request, response):
    raise material.Refused


async def answer_refused(request, response, error, params):
    response.status = falcon.HTTP_418
    response.media = {"error": "refused"}


async def lines(request, response):
    async def chunks():
        for line in material.LINES:
            yield line.encode()

    response.content_type = falcon.MEDIA_TEXT
    response.stream = chunks()


def make_main():
    app = falcon.asgi.App()
    handler = app.req_options.media_handlers[falcon.MEDIA_MULTIPART]
    handler.parse_options.max_body_part_buffer_size = 2 * len(material.UPLOAD)
    app.add_error_handler(material.Refused, answer_refused)
    app.add_static_route("/static", material.static_folder())
    app.add_route("/", Answer(hello))
    app.add_route("/json", Answer(message))
    app.add_route("/users/{user:int}/posts/{post}", Answer(params))
    app.add_route("/form", Form())
    app.add_route("/upload", Upload())
    app.add_route("/rows", Answer(rows))
    app.add_route("/refused", Answer(refused))
    app.add_route("/lines", Answer(lines))
    return app


class Hooks:
    async def process_request(self, request, response):
        request.context.user = "grace"

    async def process_response(self, request, response, resource, succeeded):
        response.set_header("X-Hook", "ran")


def make_hooks():
    app = falcon.asgi.App(middleware=[Hooks()])

    async def user(request, response):
        text(response, request.context.user)

    app.add_route("/", Answer(user))
    return app


def make_routes():
    app = falcon.asgi.App()

    async def show(request, response, number):
        text(response, str(number))

    def fixed(n):
        async def page(request, response):
            text(response, str(n))

        return page

    for n in range(material.PAIRS_OF_ROUTES):
        app.add_route(f"/page{n}", Answer(fixed(n)))
        app.add_route(f"/thing{n}/{{number:int}}/show", Answer(show))
    return app


APPS = {"main": make_main, "hooks": make_hooks, "routes": make_routes}
