"""A test of all files fails where the check of one does, and tells which."""

import pytest
from sources import ROOT, of_each


def test_every_file_that_fails_is_told_and_no_other():
    good, bad, worse = (ROOT / name for name in ("good.py", "bad.py", "worse.py"))

    @of_each([good, bad, worse])
    def check(path):
        assert path not in {bad, worse}, f"{path.stem} indeed"

    with pytest.raises(pytest.fail.Exception) as told:
        check()
    lines = str(told.value).splitlines()
    assert [line.split(":")[0] for line in lines if "indeed" in line] == ["bad.py", "worse.py"]
    assert "good.py" not in str(told.value)


def test_of_no_file_nothing_is_proved():
    check = of_each([])(lambda _: None)
    with pytest.raises(AssertionError, match="nothing to look at"):
        check()


def test_a_fault_of_the_check_itself_is_no_finding():
    check = of_each([ROOT])(lambda path: path.nothing)
    with pytest.raises(AttributeError):
        check()
