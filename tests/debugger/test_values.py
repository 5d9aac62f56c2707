from costrel.debugger.values import DebugReprGenerator, debug_repr, dump


class Broken:
    def __repr__(self):
        raise ValueError


def test_a_value_is_its_repr_escaped():
    assert debug_repr(["<", 1]) == '<span class="object">[&#39;&lt;&#39;, 1]</span>'


def test_a_long_value_is_cut():
    assert len(debug_repr("x" * 10_000)) < 1000
    assert len(debug_repr(list(range(10_000)))) < 1000

    class Long:
        def __repr__(self):
            return "y" * 10_000

    assert len(debug_repr(Long())) < 1_200


def test_a_repr_that_fails_is_told_of():
    assert "Broken whose repr raises ValueError" in debug_repr(Broken())


def test_a_dictionary_shows_its_items_and_an_object_its_attributes():
    writer = DebugReprGenerator()
    assert "<th>a&lt;</th><td>" in writer.dump_object({"a<": 1})
    assert "<th>1</th>" in writer.dump_object({1: 2})

    class Thing:
        size = 3

    assert "<th>size</th>" in writer.dump_object(Thing())
    assert "Attributes of Thing" in writer.dump_object(Thing())


def test_dump_prints_a_value_or_the_callers_variables(capsys):
    mine = 5
    dump()
    assert "<th>mine</th>" in capsys.readouterr().out
    dump({"k": mine})
    assert "<th>k</th>" in capsys.readouterr().out
