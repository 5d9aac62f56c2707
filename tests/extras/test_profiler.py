import io
import pstats

import pytest

from costrel.extras.profiler import ProfilerMiddleware


class Body(list):
    closed = False

    def close(self):
        self.closed = True


def call(app, **environ):
    started = []
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": "/a/b"} | environ
    body = b"".join(app(environ, lambda status, headers, exc_info=None: started.append(status)))
    return started, body


def make_app(body):
    def app(environ, start_response):
        start_response("200 OK", [])(b"written ")
        return body

    return app


def test_a_response_passes_through_and_is_reported():
    stream, body = io.StringIO(), Body([b"one ", b"two"])
    app = ProfilerMiddleware(make_app(body), stream)
    assert call(app) == (["200 OK"], b"written one two")
    assert body.closed
    assert "PATH: '/a/b'" in stream.getvalue()
    assert "function calls" in stream.getvalue()


def test_a_path_cannot_write_lines_of_its_own():
    stream = io.StringIO()
    call(ProfilerMiddleware(make_app([]), stream), PATH_INFO="/x\nPATH: '/forged'")
    assert stream.getvalue().count("PATH:") == 2
    assert "\nPATH: '/forged'" not in stream.getvalue()


def test_each_request_has_a_file_of_data(tmp_path):
    app = ProfilerMiddleware(make_app([]), None, profile_dir=str(tmp_path))
    call(app)
    call(app, PATH_INFO="/")
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names[0].startswith("GET.a.b.")
    assert names[1].startswith("GET.root.")
    assert all(name.endswith(".prof") for name in names)
    assert pstats.Stats(str(tmp_path / names[0])).total_calls > 0


def test_a_function_may_name_the_files(tmp_path):
    def name(environ):
        times = environ["werkzeug.profiler"]
        assert times["elapsed"] >= 0
        assert times["time"] > 1_000_000_000
        return "mine"

    call(ProfilerMiddleware(make_app([]), None, profile_dir=str(tmp_path), filename_format=name))
    assert (tmp_path / "mine").is_file()


def test_the_body_is_closed_when_it_fails():
    class Failing(Body):
        def __iter__(self):
            raise RuntimeError("no")

    body = Failing()
    with pytest.raises(RuntimeError, match="no"):
        call(ProfilerMiddleware(make_app(body), None))
    assert body.closed
