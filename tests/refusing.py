"""What tests of refused filters share."""

import time

import pytest
from filters import asked

from geodata.record_errors import FilterRefused
from webmap.errors import status_of


def refused(filter_, *, within_s=0.1, **how):
    """The refusal of a filter, which comes soon and can be told."""
    began = time.perf_counter()
    with pytest.raises(FilterRefused) as caught:
        asked(filter_, **how)
    assert time.perf_counter() - began < within_s
    assert status_of(caught.value) == 400
    str(caught.value).encode()
    return caught.value
