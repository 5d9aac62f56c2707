"""A short run of the fuzz, always the same; docs/security.md tells how to run the long one."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import fuzz_environs  # noqa: E402  the line above is how it is found
import mutate  # noqa: E402

SEED = 20_26
COUNT = 6000


@pytest.fixture(scope="module")
def fuzz(tmp_path_factory):
    return fuzz_environs.Fuzz(tmp_path_factory.mktemp("fuzz"))


@pytest.mark.filterwarnings("ignore:The .* cookie is too large", "ignore:Current server name")
def test_six_thousand_random_requests_never_make_a_server_error(fuzz):
    found = []
    fuzz_environs.run(SEED, range(COUNT), fuzz, report=found.append)
    assert found == []
    # Most of them are bad, and yet many reach a view.
    assert sum(count for line, count in fuzz.answers.items() if line[0] == "2") > COUNT / 5
    assert {"200", "302", "308", "400", "404", "405", "412", "413", "415", "416"} <= {
        line[:3] for line in fuzz.answers
    }


@pytest.mark.filterwarnings("ignore:The .* cookie is too large", "ignore:Current server name")
@pytest.mark.parametrize("gateway", ["asgi", "rsgi"])
def test_a_thousand_random_requests_over_a_loop_never_make_a_server_error(tmp_path, gateway):
    fuzz = fuzz_environs.Fuzz(tmp_path, gateway)
    found = []
    fuzz_environs.run(SEED, range(1000), fuzz, report=found.append)
    fuzz.close()
    assert found == []
    assert sum(count for line, count in fuzz.answers.items() if line[0] == "2") > 200


def test_an_input_follows_from_its_seed_and_number():
    def written(environ):
        return {key: value for key, value in environ.items() if isinstance(value, str)}

    first, second = (written(mutate.make_environ(3, 7)[0]) for _ in range(2))
    assert first == second
    assert first != written(mutate.make_environ(3, 8)[0])
    assert first != written(mutate.make_environ(4, 7)[0])


def test_the_fuzz_reports_an_exception_and_an_answer_of_500(fuzz, monkeypatch):
    def broken(environ, start_response):
        raise KeyError("left the app")

    monkeypatch.setattr(fuzz, "apps", [_with_wsgi(broken)] * 5)
    found = []
    assert fuzz_environs.run(1, range(3), fuzz, report=found.append) == 3
    assert "KeyError left the app" in found[0]
    assert "--seed 1 --only 0" in found[0]

    def failing(environ, start_response):
        start_response("500 INTERNAL SERVER ERROR", [])
        return []

    monkeypatch.setattr(fuzz, "apps", [_with_wsgi(failing)] * 5)
    assert fuzz_environs.run(1, range(1), fuzz, report=found.append) == 1
    assert "answered 500" in found[-1]


def _with_wsgi(application):
    class Named:
        name = "broken"

        def __call__(self, environ, start_response):
            return application(environ, start_response)

    return Named()
