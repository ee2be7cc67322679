"""What is never stored about a person, told by the names of columns under which it would come: in files and in tables.

Counts of people are no such data, and neither are the posts and telephones of offices.
"""

import re
import unicodedata

# Of anybody, under any name; compared without case, width, spaces and signs.
_NEVER: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "party membership",
        re.compile("政治面貌|党员姓名|是否党员|党员身份|入党|partymember(?!s)|politicalstatus"),
    ),
    (
        "identity numbers",
        re.compile("身份证|证件号|护照|社保卡|idcard|identitycard|identitynumber|nationalid|passport|ssn$"),
    ),
    ("health", re.compile("病史|健康状况|疾病|残疾|health(status|state)|medicalhistory|disabilit|disease")),
    ("religion and ethnicity", re.compile("民族|宗教|信仰|ethnic|religio")),
    ("faces and fingerprints", re.compile("人脸|指纹|fingerprint|biometric|faceimage")),
)

# Beside these, what no table of ours has: a private person is nobody's contact.
_NOT_IN_TABLES: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("names of persons", re.compile("fullname|personname|firstname|lastname|surname|residentname|姓名")),
    ("private numbers", re.compile("mobile|cellphone|wechat|homephone|微信|手机")),
    ("age and sex", re.compile("gender|birth|^sex$|^age$|性别|出生")),
)


def reason(name: str) -> str | None:
    """Why a column of a file is never taken in: what it would tell of a person; None for any other."""
    return _found(name, _NEVER)


def reason_in_tables(name: str) -> str | None:
    """Why no table may have a column of this name; None where it may."""
    return _found(name, (*_NEVER, *_NOT_IN_TABLES))


def _found(name: str, among: tuple[tuple[str, re.Pattern[str]], ...]) -> str | None:
    key = re.sub(r"[^0-9a-z\u3400-\u9fff]", "", unicodedata.normalize("NFKC", name).lower())
    return next((what for what, pattern in among if pattern.search(key)), None)
