import falcon
import material

PROTOCOL = "wsgi"
LACKS = {"session": "no sessions"}
PAGE = material.page_template()


class Answer:
    """A resource that answers GET by a function of request, response and values."""

    def __init__(self, answer):
        self.on_get = answer


def text(response, content):
    response.content_type = falcon.MEDIA_TEXT
    response.text = content


def hello(request, response):
    text(response, material.GREETING)


def message(request, response):
    response.media = material.MESSAGE


def params(request, response, user, post):
    response.media = {
        "user": user,
        "post": post,
        "q": request.get_param("q"),
        "page": request.get_param_as_int("page"),
    }


class Form:
    def on_post(self, request, response):
        text(response, request.get_media()["name"])


class Upload:
    def on_post(self, request, response):
        for part in request.get_media():
            if part.name == "file":
                text(response, str(len(part.stream.read())))
            else:
                part.get_text()


def rows(request, response):
    response.content_type = falcon.MEDIA_HTML
    response.text = PAGE.render(rows=material.ROWS)


def refused(request, response):
    raise material.Refused


def answer_refused(request, response, error, params):
    response.status = falcon.HTTP_418
    response.media = {"error": "refused"}


def lines(request, response):
    response.content_type = falcon.MEDIA_TEXT
    response.stream = (line.encode() for line in material.LINES)


def make_main():
    app = falcon.App()
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
    def process_request(self, request, response):
        request.context.user = "grace"

    def process_response(self, request, response, resource, succeeded):
        response.set_header("X-Hook", "ran")


def make_hooks():
    app = falcon.App(middleware=[Hooks()])
    app.add_route("/", Answer(lambda request, response: text(response, request.context.user)))
    return app


def make_routes():
    app = falcon.App()

    def show(request, response, number):
        text(response, str(number))

    def fixed(n):
        def page(request, response):
            text(response, str(n))

        return page

    for n in range(material.PAIRS_OF_ROUTES):
        app.add_route(f"/page{n}", Answer(fixed(n)))
        app.add_route(f"/thing{n}/{{number:int}}/show", Answer(show))
    return app


APPS = {"main": make_main, "hooks": make_hooks, "routes": make_routes}
