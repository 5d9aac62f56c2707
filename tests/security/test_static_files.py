"""P: files that an app serves by a path from the client."""

import os
import sys
from urllib.parse import quote

import pytest

from costrel import Flask, Response, send_from_directory
from costrel.http.safe_path import safe_join

SECRET = b"the secret beside the folder"

DOTS = [
    *("..", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "%c0%ae%c0%ae", "%ef%bc%8e%ef%bc%8e", "..;"),
    *(
        "..%00",
        "..%0a",
        "..%5c",
        "..\\",
        "....",
        "...",
        "%2e%2e%5c",
        "..%20",
        ". .",
        "%u002e%u002e",
    ),
    *("..%c0%af", "..%2f..", "..%252f", "\u2024\u2024", "..%ff"),
]


@pytest.fixture
def folder(tmp_path):
    static = tmp_path / "static"
    (static / "sub").mkdir(parents=True)
    (tmp_path / "static-two").mkdir()
    (static / "hello.txt").write_text("public")
    (static / "sub" / "page.html").write_text("<p>page")
    (static / "NUL").write_bytes(SECRET)
    (tmp_path / "secret.txt").write_bytes(SECRET)
    (tmp_path / "static-two" / "secret.txt").write_bytes(SECRET)
    return tmp_path


@pytest.fixture
def app(folder):
    app = Flask(__name__, root_path=str(folder))
    app.get("/own/<path:name>", endpoint="own")(lambda name: send_from_directory("static", name))
    return app


@pytest.fixture
def ask(app, send):
    """Ask for a path below both ways to files; follow the router's redirects on this host."""

    def ask(path, status=404, **headers):
        for place in ("/static/", "/own/"):
            answer = send(app, target=place + path, headers=headers)
            for _ in range(3):
                if answer.status == 308:
                    target = answer.header("Location").removeprefix("http://localhost")
                    answer = send(app, target=target, headers=headers)
            assert SECRET not in answer.body
            assert answer.status == status, place
        return answer

    return ask


def test_a_good_path_is_answered(ask):
    assert ask("hello.txt", 200).body == b"public"
    assert ask("sub/page.html", 200).body == b"<p>page"


@pytest.mark.parametrize("dots", DOTS)
@pytest.mark.parametrize("place", ["{}/secret.txt", "sub/{}/{}/secret.txt", "{}", "sub/{0}/{0}"])
def test_p1_dots_never_lead_out_of_the_folder(ask, dots, place):
    assert len(DOTS) >= 19
    ask(place.format(*[quote(dots, safe="%;\\")] * 2))


@pytest.mark.parametrize(
    "path",
    [
        *("/etc/passwd", "//etc/passwd", "%2fetc%2fpasswd", "%2f%2fetc/passwd"),
        *("../static-two/secret.txt", "-two/secret.txt", "..%2fstatic-two%2fsecret.txt"),
        *("///secret.txt", "file:///etc/passwd"),
    ],
)  # fmt: skip
def test_p2_absolute_paths_and_sibling_folders_are_not_found(ask, folder, path):
    ask(path)
    ask(quote(str(folder / "secret.txt")))
    assert safe_join("static", str(folder / "secret.txt")) is None


def test_p2_a_sibling_of_the_same_prefix_is_another_folder(app, folder, send):
    assert send(app, target="/static-two/secret.txt").status == 404
    assert safe_join(str(folder / "static"), "../static-two/secret.txt") is None


@pytest.mark.parametrize(
    "path",
    [
        *("hello.txt%00", "%00", "hello.txt%00.png", "hello.txt%0a", "%0ahello.txt", "%1b[31m"),
        *("x" * 300, "a/" * 1500, "a/" * 1500 + "b", "%ff", "%ed%a0%80", "x" * 5000),
        *("%f0%9f%98%80" * 100, "%7f"),
    ],
)  # fmt: skip
def test_p3_names_that_no_file_has_are_not_found(ask, path):
    ask(path)


@pytest.mark.parametrize(
    "path",
    [
        *("C:\\secret.txt", "C:/secret.txt", "C:x", "c:", "\\\\host\\share\\x", "\\secret.txt"),
        *("\\\\.\\NUL", "\\\\?\\C:\\x", "//host/share", "sub\\page.html"),
        *("sub\\..\\..\\secret.txt", "hello.txt:stream", "hello.txt::$DATA"),
        "C:..\\secret.txt",
    ],
)  # fmt: skip
def test_p4_paths_of_windows_are_not_found_anywhere(ask, path):
    ask(quote(path))


@pytest.mark.parametrize(
    "name",
    [
        *("NUL", "nul", "NUL.txt", "con.txt", "CON", "AUX", "prn.html", "COM1", "com9.x"),
        *("LPT9.a.b", "COM¹", "LPT²", "CONIN$", "conout$", "sub/NUL", "NUL/x", "nul::$DATA"),
        *("NUL ", "NUL.", "NUL .txt", "CLOCK$"),
    ],
)  # fmt: skip
def test_p5_device_names_are_not_found_anywhere(ask, name):
    ask(quote(name))


@pytest.mark.parametrize(
    "path", ["sub", "sub/", "", ".", "./", "sub/.", "hello.txt/", "hello.txt/.."]
)
def test_p6_a_folder_is_not_found(ask, path):
    ask(path)


def test_p6_a_device_or_pipe_is_not_found(ask, folder):
    if not hasattr(os, "mkfifo"):
        pytest.skip("no pipes on this system")
    os.mkfifo(folder / "static" / "pipe")
    ask("pipe")


def test_p7_a_link_that_leads_out_is_not_found(app, ask, folder, send):
    if sys.platform == "win32":
        pytest.skip("links take rights there")
    static = folder / "static"
    (static / "out.txt").symlink_to(folder / "secret.txt")
    (static / "out").symlink_to(folder)
    (static / "in.txt").symlink_to(static / "hello.txt")
    ask("out.txt")
    ask("out/secret.txt")
    assert ask("in.txt", 200).body == b"public"
    app.config["SEND_FILE_FOLLOW_SYMLINKS"] = True
    assert send(app, target="/static/out.txt").body == SECRET


def test_p7_a_file_that_becomes_a_link_is_no_longer_found(ask, folder):
    path = folder / "static" / "was.txt"
    path.write_text("public")
    ask("was.txt", 200)
    path.unlink()
    path.symlink_to(folder / "secret.txt")
    ask("was.txt")


def test_p8_outside_and_absent_are_answered_alike(app, send):
    absent = send(app, target="/static/absent.txt")
    for path in ("../secret.txt", "../absent.txt", "sub", "NUL", "C:\\x", "/etc/passwd", ".hidden"):
        answer = send(app, target=f"/static/{quote(path)}")
        if answer.status != 308:
            assert (answer.status, answer.body) == (absent.status, absent.body)


def test_p9_the_path_that_a_hook_sees_is_the_one_that_is_served(app, send):
    seen = []
    app.before_request(lambda: seen.append(__import__("costrel").request.view_args) and None)
    app.before_request(lambda: seen.append(__import__("costrel").request.path) and None)
    for target in ("/own/sub%2fpage.html", "/own/./sub/page.html", "/own/sub/../hello.txt"):
        seen.clear()
        answer = send(app, target=target)
        values, path = seen
        assert path == f"/own/{values['name']}"
        if answer.status == 200:
            assert ".." not in path or not values["name"].startswith("..")


def test_p10_dot_files_are_not_found_by_default(app, ask, folder, send):
    static = folder / "static"
    for name in (".env", ".git/config", "sub/.htpasswd", ".well-known/security.txt"):
        (static / name).parent.mkdir(exist_ok=True)
        (static / name).write_text("text")
    for name in (".env", ".git/config", "sub/.htpasswd", "%2eenv", ".git", "sub/../.env"):
        ask(name)
    ask(".well-known/security.txt", 200)
    app.config["SEND_FILE_DOT_FILES"] = True
    assert send(app, target="/static/.env").status == 200


def test_p10_files_are_not_sniffed(app, ask, send):
    assert ask("hello.txt", 200).header("X-Content-Type-Options") == "nosniff"
    app.config["SEND_FILE_NOSNIFF"] = False
    assert send(app, target="/static/sub/page.html").header("X-Content-Type-Options") is None


def test_a_view_of_ones_own_may_still_send_what_it_likes(app, send):
    app.get("/any", endpoint="any")(lambda: Response(b"x", headers={"X-Content-Type-Options": "x"}))
    assert send(app, target="/any").status == 200
