"""Error handlers, flattened along the blueprint chain."""

from costrel.compile.handlers import flatten_handlers

SPEC = {
    None: {404: {KeyError: 1}, None: {ValueError: 2}, 500: {}},
    "a": {404: {KeyError: 3}},
    "a.b": {None: {OSError: 4}},
    "c": {404: {KeyError: 5}},
}


def test_each_code_has_its_scopes_from_within():
    assert flatten_handlers(SPEC, ["a.b", "a"]) == {
        404: ({KeyError: 3}, {KeyError: 1}),
        None: ({OSError: 4}, {ValueError: 2}),
    }
    assert flatten_handlers(SPEC, []) == {404: ({KeyError: 1},), None: ({ValueError: 2},)}


def test_a_table_is_a_copy_of_what_was_declared():
    spec = {None: {404: {KeyError: 1}}}
    table = flatten_handlers(spec, [])
    spec[None][404][KeyError] = 2
    assert table == {404: ({KeyError: 1},)}


def test_each_handler_may_be_fitted():
    table = flatten_handlers({None: {404: {KeyError: 1}}}, [], lambda handler: handler + 1)
    assert table == {404: ({KeyError: 2},)}


def test_without_handlers_the_table_is_empty():
    assert flatten_handlers({}, ["a"]) == {}
    assert flatten_handlers({None: {404: {}}}, []) == {}
