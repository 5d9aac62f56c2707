"""What programs for two Pythons imported."""

import pytest

from costrel.flask.old_api import python2_names as compat


def test_texts_and_bytes():
    assert compat.to_bytes("ü", "latin-1") == b"\xfc"
    assert compat.to_bytes(bytearray(b"a")) == b"a"
    assert compat.to_unicode(b"\xfc", "latin-1") == "ü"
    assert compat.to_unicode(b"\xfc", None) == b"\xfc"
    assert compat.to_unicode(5) == "5"
    assert compat.to_native(b"a") == "a"
    assert compat.to_bytes(None) is compat.to_unicode(None) is compat.to_native(None) is None
    with pytest.raises(TypeError, match="not int"):
        compat.to_bytes(5)
    assert compat.bytes_to_wsgi(compat.wsgi_to_bytes("\xff")) == "\xff"


def test_dictionaries():
    table = {"a": 1}
    assert next(compat.iteritems(table)) == ("a", 1)
    assert (next(compat.iterkeys(table)), next(compat.itervalues(table))) == ("a", 1)


def test_raising_with_a_traceback():
    try:
        raise KeyError("first")
    except KeyError as error:
        traceback = error.__traceback__
    with pytest.raises(ValueError, match="second") as info:
        compat.reraise(ValueError, ValueError("second"), traceback)
    assert traceback in {info.tb.tb_next, info.tb.tb_next.tb_next, info.tb.tb_next.tb_next.tb_next}


def test_a_class_with_a_metaclass():
    class Meta(type):
        marked = True

    class Base:
        pass

    class Made(compat.with_metaclass(Meta, Base)):
        own = 1

    assert type(Made) is Meta
    assert Made.__bases__ == (Base,)
    assert (Made.marked, Made().own, Made.__name__) == (True, 1, "Made")
