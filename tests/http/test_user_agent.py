"""What a client says it is."""

from costrel.http.user_agent import UserAgent


def test_it_is_the_text_of_the_header():
    agent = UserAgent("test/1.0")
    assert (agent.string, str(agent), agent.to_header()) == ("test/1.0",) * 3
    assert bool(agent) is True
    assert bool(UserAgent("")) is False


def test_nothing_is_guessed_unless_a_subclass_does():
    class Parsed(UserAgent):
        def __init__(self, string):
            super().__init__(string)
            self.browser, _, self.version = string.partition("/")

    agent = UserAgent("test/1.0")
    assert (agent.platform, agent.browser, agent.version, agent.language) == (None,) * 4
    assert repr(agent) == "<UserAgent None/None>"
    assert repr(Parsed("test/1.0")) == "<Parsed test/1.0>"
