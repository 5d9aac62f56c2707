import pytest

from costrel.extras.lighttpd_fix import CGIRootFix, LighttpdCGIRootFix


def seen(fix, **environ):
    fix(environ, None)
    return environ["SCRIPT_NAME"], environ["PATH_INFO"]


def app(environ, start_response):
    return []


def test_lighttpd_gets_the_path_back_that_it_cut_off():
    fixed = seen(LighttpdCGIRootFix(app), SCRIPT_NAME="/foo", PATH_INFO="/bar")
    assert fixed == ("", "/foo/bar")


@pytest.mark.parametrize("root", ["/mine", "mine", "/mine/"])
def test_an_app_can_be_mounted_somewhere_else(root):
    assert seen(LighttpdCGIRootFix(app, root), PATH_INFO="/x") == ("/mine", "/x")


def test_other_servers_keep_their_path():
    assert seen(CGIRootFix(app), SCRIPT_NAME="/foo", PATH_INFO="/bar") == ("", "/bar")
