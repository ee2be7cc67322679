"""What tests of the pages of imports share."""

import re

HEAD = "编码,名称,类型,地址,经度,纬度"
GOOD = f"{HEAD}\nA1,甲小学,学校,,121.405,31.105\nA2,乙,其他,,,\n"


def version(page):
    """What the page of a file was made of, as its form says it."""
    return re.search(r'name="version" value="(\w+)"', page)[1]


def take(browser, address, page, **form):
    """The answer to the button of a page."""
    return browser.post(f"{address}/run", data={"version": version(page), **form})
