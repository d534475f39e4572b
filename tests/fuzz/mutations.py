"""Changes of good files that a parser is most likely to trip over."""

import json
from typing import Any

import yaml
from hypothesis import strategies as st

PIECES = (
    *(b"", b"\n", b"\n\n", b"\r\n", b"\0", b"\xff", b"\xc3\x28", b"\xed\xa0\x80", b"\xef\xbb\xbf"),
    *(b" ", b"\t", b"\xc2\xa0", b"\xe2\x80\x94 ", b"\xe2\x80\xa8", "\u0661\u0662".encode()),
    *(b'"', b"\\", b"\\ud800", b"\\u0000", b"{", b"}", b"[", b"]", b"[" * 5000, b'{"a":' * 3000),
    *(b"null", b"true", b"NaN", b"-Infinity", b"-0", b"1e400", b"1E5", b"0.10", b"007", b"1_000"),
    *(b"9" * 15, b"9" * 19, b"9" * 5000, b"-1", b"9007199254740993", b"1.0"),
    *(b"&a [*a]", b"*a", b"!!python/object:os.system x", b"!!set {}", b"<<: {}", b"? a", b"%TAG"),
    *(b"2026-02-30", b"0000-00-00", b"12:30:45", b"=", b"====", b"AAAA", b"+", b"/", b"old 1"),
    *(b"\x30\x80", b"\x30\x84\xff\xff\xff\xff", b"\xa0\x00", b"\x02\x01\x80", b"sha256:"),
)
VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2**31, 2**53, 2**63, 10**400, 0.5, -0.0, 1e308, float("inf")),
    *("", "x", "\ud800", "\0", "a" * 70_000, "sha256:", "1e-9", "-0", "9" * 60, "0." + "0" * 60),
    *([], {}, [[]], {"": ""}, [None], {"a": [1, {"b": 2}]}, "2026-02-29", "9999-12-31", "\u0661"),
)


@st.composite
def changed_bytes(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Draw a seed in which some stretches are cut out, doubled, or are something else."""
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.sampled_from((0, 0, 1, 1, 2, 8, 40, 10_000))))
        new = draw(
            st.sampled_from(PIECES)
            | st.binary(max_size=8)
            | st.just(data[start:end] * 2)
            | st.sampled_from(seeds).map(lambda other, at=start: other[at:])  # type: ignore[misc]
        )
        data = data[:start] + new + data[end:]
    return data


@st.composite
def changed_values(draw: st.DrawFn, seeds: tuple[bytes, ...]) -> bytes:
    """Draw a seed that is JSON or YAML, in which some values are others; canonical or not."""
    seed = draw(st.sampled_from(seeds))
    value = yaml.safe_load(seed)
    for _ in range(draw(st.integers(1, 3))):
        value = _changed(draw, value)
    text = json.dumps(
        value,
        default=str,
        sort_keys=draw(st.booleans()),
        ensure_ascii=draw(st.booleans()),
        separators=draw(st.sampled_from(((",", ":"), (", ", ": ")))),
    )
    return text.encode("utf-8", "surrogatepass")


def _changed(draw: st.DrawFn, value: Any) -> Any:
    """Return the value with one change, at any depth."""
    if isinstance(value, dict) and value and draw(st.integers(0, 5)):
        key = draw(st.sampled_from(sorted(map(str, value))))
        way = draw(st.integers(0, 7))
        if way == 0:
            return {k: v for k, v in value.items() if str(k) != key}
        if way == 1:
            return {**value, draw(st.sampled_from(("", "extra", key + "x"))): value.get(key)}
        return {k: _changed(draw, v) if str(k) == key else v for k, v in value.items()}
    if isinstance(value, list) and value and draw(st.integers(0, 5)):
        at = draw(st.integers(0, len(value) - 1))
        if draw(st.integers(0, 5)) == 0:
            return [*value, *value[: at + 1]]
        return [*value[:at], _changed(draw, value[at]), *value[at + 1 :]]
    if isinstance(value, str) and draw(st.booleans()):
        at = draw(st.integers(0, len(value)))
        return value[:at] + draw(st.text(max_size=3)) + value[at + draw(st.integers(0, 3)) :]
    return draw(st.sampled_from(VALUES))


def hostile(seeds: tuple[bytes, ...]) -> st.SearchStrategy[bytes]:
    """Draw bytes of every kind, most of them nearly right."""
    kinds = [st.binary(max_size=300), changed_bytes(seeds), changed_bytes(seeds)]
    structured = tuple(seed for seed in seeds if _has_structure(seed))
    if structured:
        kinds += [changed_values(structured)] * 2
    return st.one_of(kinds)


def _has_structure(seed: bytes) -> bool:
    try:
        return isinstance(yaml.safe_load(seed), dict)
    except (yaml.YAMLError, UnicodeDecodeError):
        return False
