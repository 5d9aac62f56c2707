import pytest

from costrel.extras.mount import DispatcherMiddleware


def tells(name):
    return lambda environ, start_response: (name, environ["SCRIPT_NAME"], environ["PATH_INFO"])


MOUNTED = DispatcherMiddleware(
    tells("front"), {"/api": tells("api"), "/api/v2": tells("v2"), "/admin": tells("admin")}
)


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/", ("front", "", "/")),
        ("/api", ("api", "/api", "")),
        ("/api/", ("api", "/api", "/")),
        ("/api/users/1", ("api", "/api", "/users/1")),
        ("/api/v2/users", ("v2", "/api/v2", "/users")),
        ("/apix", ("front", "", "/apix")),
        ("/administrator", ("front", "", "/administrator")),
        ("", ("front", "", "")),
    ],
)
def test_the_longest_mount_at_the_start_of_the_path_answers(path, answer):
    assert MOUNTED({"PATH_INFO": path}, None) == answer


def test_mounts_nest():
    outer = DispatcherMiddleware(tells("outer"), {"/a": MOUNTED})
    environ = {"PATH_INFO": "/a/api/x", "SCRIPT_NAME": "/root"}
    assert outer(environ, None) == ("api", "/root/a/api", "/x")


def test_without_mounts_the_app_answers():
    assert DispatcherMiddleware(tells("only"))({"PATH_INFO": "/x"}, None) == ("only", "", "/x")
