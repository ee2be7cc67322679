"""Cells of Parquet columns as our tables hold them."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from math import isfinite
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.types as kinds

from geodata.formats.table import Value

NOT_FINITE: Final = "this is no finite number"
BEYOND: Final = "this is no day or time of the calendar"
# What decimals are packed into at most.
_MOST_FIXED: Final = 32
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS: Final = 86_400_000

# Places of cells that could not be read, and why.
Faults = list[tuple[int, str]]


def is_text(kind: pa.DataType) -> bool:
    """Whether cells are text, also where the file lists each once."""
    return bool(kinds.is_string(_inner(kind)) or kinds.is_large_string(_inner(kind)))


def is_bytes(kind: pa.DataType) -> bool:
    """Whether cells are bytes, also where the file lists each once."""
    return bool(kinds.is_binary(_inner(kind)) or kinds.is_large_binary(_inner(kind)))


def is_numbers(kind: pa.DataType, names: tuple[str, ...]) -> bool:
    """Whether cells are structures of numbers, these among them."""
    if not kinds.is_struct(kind):
        return False
    parts = {kind.field(index).name: kind.field(index).type for index in range(kind.num_fields)}
    return parts.keys() >= set(names) and all(kinds.is_floating(part) for part in parts.values())


def is_read(kind: pa.DataType, *, physical: str, width: int) -> bool:
    """Whether `values_of` reads cells of this type, stored so; `width` is their length where that is fixed.

    Lists, structures, bytes and lengths of time are not read. Nor are numbers of any length, as one of them may be
    listed once and stand in every row.
    """
    if is_text(kind):
        return True
    inner = _inner(kind)
    tests: tuple[Callable[[pa.DataType], bool], ...] = (
        *(kinds.is_null, kinds.is_boolean, kinds.is_integer, kinds.is_floating, kinds.is_decimal),
        *(kinds.is_date, kinds.is_timestamp, kinds.is_time),
    )
    is_fixed = physical != "FIXED_LEN_BYTE_ARRAY" or width <= _MOST_FIXED
    return physical != "BYTE_ARRAY" and is_fixed and any(test(inner) for test in tests)


def values_of(array: pa.Array) -> tuple[list[Value], Faults]:
    """The cells; None for null, blank text and NaN.

    Decimals are whole numbers, or text with all their digits. Moments with a zone are in UTC. Infinite numbers,
    and days and moments that Python's calendar lacks, are faults and None. Raises ArrowException for damage.
    """
    if kinds.is_dictionary(array.type):
        indices = array.indices.to_numpy(zero_copy_only=False)
        is_there = ~np.asarray(array.is_null())
        used, places = np.unique(indices[is_there].astype(np.int64), return_inverse=True)
        values, faults = values_of(array.dictionary.take(pa.array(used)))
        rows = np.flatnonzero(is_there).tolist()
        spread: list[Value] = [None] * len(array)
        for row, place in zip(rows, places.tolist(), strict=True):
            spread[row] = values[place]
        why = dict(faults)
        return spread, [(row, why[place]) for row, place in zip(rows, places.tolist(), strict=True) if place in why]
    return _each(_plain(array), _reader(array.type))


def _inner(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if kinds.is_dictionary(kind) else kind


def _plain(array: pa.Array) -> list[Any]:
    """What Arrow gives, with days and times as the whole numbers that they are stored as."""
    kind = array.type
    if kinds.is_date32(kind) or kinds.is_time32(kind):
        return list(array.view(pa.int32()).to_pylist())
    if kinds.is_temporal(kind):
        return list(array.view(pa.int64()).to_pylist())
    return list(array.to_pylist())


def _reader(kind: pa.DataType) -> Callable[[Any], Value]:
    """What makes a value of one cell. It raises OverflowError or ValueError."""
    if kinds.is_floating(kind):
        return _number
    if kinds.is_decimal(kind):
        return _decimal
    if kinds.is_date(kind):
        unit_ms = 1 if kinds.is_date64(kind) else _DAY_MS
        return lambda count: (_EPOCH + timedelta(milliseconds=count * unit_ms)).date()
    if kinds.is_timestamp(kind):
        return partial(_moment, unit=kind.unit, has_zone=kind.tz is not None)
    if kinds.is_time(kind):
        return partial(_time, unit=kind.unit)
    return lambda value: None if isinstance(value, str) and not value.strip() else value


def _each(plain: list[Any], read: Callable[[Any], Value]) -> tuple[list[Value], Faults]:
    values: list[Value] = []
    faults: Faults = []
    for index, cell in enumerate(plain):
        value: Value = None
        if cell is not None:
            try:
                value = read(cell)
            except OverflowError:
                faults.append((index, BEYOND))
            except ValueError:
                faults.append((index, NOT_FINITE))
        values.append(value)
    return values, faults


def _number(value: float) -> Value:
    if value != value:  # noqa: PLR0124 - only NaN differs from itself
        return None
    if not isfinite(value):
        raise ValueError(NOT_FINITE)
    return value


def _decimal(value: Decimal) -> Value:
    if value == value.to_integral_value():
        return int(value)
    return f"{value:f}"


def _microseconds(value: int, unit: str) -> int:
    factor = {"s": 1_000_000, "ms": 1000, "us": 1}.get(unit)
    return value // 1000 if factor is None else value * factor


def _moment(value: int, *, unit: str, has_zone: bool) -> datetime:
    moment = _EPOCH + timedelta(microseconds=_microseconds(value, unit))
    return moment if has_zone else moment.replace(tzinfo=None)


def _time(value: int, *, unit: str) -> Value:
    past = timedelta(microseconds=_microseconds(value, unit))
    if not timedelta(0) <= past < timedelta(days=1):
        raise OverflowError
    return (_EPOCH + past).time()
