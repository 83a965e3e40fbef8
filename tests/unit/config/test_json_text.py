"""JSON from strangers: whatever it is, one value, or ValueError."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config import json_text

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4)
    ),
    max_leaves=8,
)


def _read(text: str) -> Any:
    return json_text.read(text, longest=10_000, deepest=50)


@given(text=st.text() | VALUES.map(json.dumps) | st.text(alphabet='[]{}",:\\0eu', max_size=40))
def test_it_is_read_as_everybody_reads_it_or_refused(text: str) -> None:
    try:
        value = _read(text)
    except ValueError:
        return
    assert value == json.loads(text)
    assert json.loads(json.dumps(value, allow_nan=False)) == value
    json.dumps(value, ensure_ascii=False).encode()


@given(value=VALUES)
def test_what_is_plain_is_not_refused(value: Any) -> None:
    text = json.dumps(value)
    is_plain = all(mark not in text for mark in ("NaN", "Infinity", "\\u", "\\n", "\\b", "\\f"))
    if is_plain and not any(mark in text for mark in ("\\r", "\\t", "\x7f")):
        assert _read(text) == value


@pytest.mark.parametrize("text", ['{"a":1,"a":1}', '[{"b":{"a":1,"a":2}}]', '{"a":1,"\\u0061":2}'])
def test_a_member_comes_once(text: str) -> None:
    with pytest.raises(ValueError, match="twice"):
        _read(text)


@pytest.mark.parametrize(
    ("text", "deepest"),
    [("[]", 1), ('{"a":[{}]}', 3), ('["[[[[", "\\"[[[["]', 1), ("[[],[],[]]", 2)],
)
def test_depth_is_that_of_brackets_outside_of_texts(text: str, deepest: int) -> None:
    assert json_text.read(text, longest=99, deepest=deepest) == json.loads(text)
    with pytest.raises(ValueError, match="deep"):
        json_text.read(text, longest=99, deepest=deepest - 1)


def test_large_is_finite() -> None:
    assert _read("1e308") == 1e308
    assert _read("1e-9999") == 0
    assert math.isfinite(_read("-1.5E+3"))
