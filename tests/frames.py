"""Frames that a page is looked at in: wide in Chinese and narrow in English, the other two with --slow."""

import pytest
from reporting import DESK, PHONE

in_frames = pytest.mark.parametrize(
    ("size", "lang"),
    [
        pytest.param(DESK, "zh-CN", id="desk-zh"),
        pytest.param(PHONE, "en-GB", id="phone-en"),
        pytest.param(DESK, "en-GB", id="desk-en", marks=pytest.mark.slow),
        pytest.param(PHONE, "zh-CN", id="phone-zh", marks=pytest.mark.slow),
    ],
)
