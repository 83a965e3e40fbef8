"""Form-encoded parameters: each once, in its alphabet, or a fault."""

from dataclasses import replace
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authserver import forms
from config import policy

LIMITS = policy.Requests()


def test_what_is_sent_once_is_read() -> None:
    form = forms.parse(b"grant_type=client_credentials&scope=a+b&state=%C3%BC%26", LIMITS)
    assert form.fault is None
    assert form.single == {"grant_type": "client_credentials", "scope": "a b", "state": "ü&"}


def test_an_empty_value_is_absent() -> None:
    assert forms.parse("a=&b=1&c", LIMITS).single == {"b": "1"}


@pytest.mark.spec("RFC 6749 §3.1")
@pytest.mark.parametrize("text", ["a=1&a=2", "a=1&%61=2", "a=&a=1", "a=1&a=1"])
def test_a_repeated_parameter_is_a_fault_and_absent(text: str) -> None:
    form = forms.parse(text + "&b=1", LIMITS)
    assert form.fault
    assert form.single == {"b": "1"}


@pytest.mark.parametrize("text", ["a=%00&a=2", "a=2&a=%ff", "a=%00&a=2&a=3", "%61=%00&a=2"])
def test_a_faulty_parameter_is_absent_even_where_it_is_repeated_soundly(text: str) -> None:
    form = forms.parse(text + "&b=1", LIMITS)
    assert form.fault
    assert form.single == {"b": "1"}


@pytest.mark.spec("RFC 8707 §2")
@pytest.mark.parametrize("text", ["resource=x&resource=y", "resource=%78&resource=y&resource="])
def test_resource_may_repeat_and_is_never_single(text: str) -> None:
    form = forms.parse(text, LIMITS)
    assert form.fault is None
    assert (form.single, form.repeated) == ({}, {"resource": ("x", "y")})


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"a=%zz", id="broken escape"),
        pytest.param(b"a=%4", id="cut escape"),
        pytest.param(b"a=%ff", id="not UTF-8"),
        pytest.param(b"a=%00", id="NUL"),
        pytest.param(b"state=%00", id="NUL even in state"),
        pytest.param(b"a=%0d%0a", id="line break"),
        pytest.param(b"a=%c2%85", id="C1 control"),
        pytest.param(b"a=%ed%a0%80", id="surrogate"),
        pytest.param(b"a=\xff", id="raw byte"),
        pytest.param(b"a=1\nb=2", id="raw line break"),
        pytest.param(b"%00a=1", id="NUL in a name"),
        pytest.param(b"client_id=%C3%BC", id="outside the alphabet"),
        pytest.param(b'{"grant_type": "x"}\n', id="JSON"),
    ],
)
def test_what_is_not_a_form_is_a_fault(raw: bytes) -> None:
    assert forms.parse(raw, LIMITS).fault


@pytest.mark.spec("RFC 6749 §4.1.2")
def test_state_may_hold_what_has_to_come_back() -> None:
    form = forms.parse(urlencode({"state": "ü€\r\nX-Evil: 1"}), LIMITS)
    assert form.single == {"state": "ü€\r\nX-Evil: 1"}


@pytest.mark.parametrize(
    "text", ["a=" + "x" * 11, "a=" + "%78" * 11, "x" * 11 + "=1", "a=%78&b=" + "x" * 11]
)
def test_a_long_value_is_a_fault(text: str) -> None:
    limits = replace(LIMITS, max_value=10)
    assert (forms.parse(text, limits).fault is not None) == ("x" * 11 in text or "%78" * 11 in text)


def test_too_many_parameters_are_a_fault() -> None:
    limits = replace(LIMITS, max_parameters=3)
    assert forms.parse("a=1&b=1&c=1", limits).fault is None
    assert forms.parse("a=1&b=1&c=1&d=1", limits).fault


words = st.text(st.characters(blacklist_categories=("Cc", "Cs")), max_size=20)


@given(st.dictionaries(words.filter(lambda word: word != "resource"), words))
def test_it_reads_what_the_standard_library_reads(sent: dict[str, str]) -> None:
    text = urlencode(sent)
    form = forms.parse(text, LIMITS)
    if form.fault is None:
        read = {name: value for name, value in parse_qsl(text) if name}
        assert form.single == read
    else:
        assert set(sent) & forms._ASCII


@given(st.binary(max_size=200))
def test_no_input_raises(raw: bytes) -> None:
    forms.parse(raw, LIMITS)
