"""What a decoder has against a value, said so that a person can mend it."""

import re
from collections.abc import Mapping

from litestar.exceptions import ValidationException

from adapters.http.languages import Phrase, Tongue

_LONGEST_PATH = 100

_AT = re.compile(r" - at `\$\.?(.*)`$", re.DOTALL)
_FIELD = re.compile(r"Object (contains unknown|missing required) field `(.*)`", re.DOTALL)
_TYPE = re.compile(r"Expected `([^`]+)`, got `([^`]+)`")
_BOUND = re.compile(r"Expected `(\w+)`(?: of length)? (>=|<=) (\d+)")

_TYPES: Mapping[str, Phrase] = {
    "str": Phrase("文本", "a text"),
    "int": Phrase("整数", "a whole number"),
    "float": Phrase("小数", "a number with a fraction"),
    "bool": Phrase("真假值", "true or false"),
    "null": Phrase("空值", "null"),
    "object": Phrase("对象", "an object"),
    "array": Phrase("数组", "an array"),
}

UNKNOWN = Phrase("没有这个字段", "is not a field of this request")
MISSING = Phrase("缺少这个字段", "is required")
BLANK = Phrase("不能为空", "must not be empty")
CONTROL = Phrase("不能含有控制字符或残缺字符", "must not hold control or broken characters")
_WRONG = Phrase("不是有效的值", "is not a valid value")


def at_most(characters: int) -> Phrase:
    """A text is too long."""
    return Phrase(f"最多 {characters} 个字符", f"must have at most {characters} characters")


def of_decoding(complaint: str, tongue: Tongue) -> Mapping[str, str]:
    """The path of the field a decoder stumbled over, and a sentence; the path is `body` for the whole."""
    where = _AT.search(complaint)
    path, what = (where.group(1), complaint[: where.start()]) if where else ("", complaint)
    field = _FIELD.fullmatch(what)
    if field is None:
        return {_shown(path): _sentence(what).said(tongue)}
    problem, name = field.groups()
    phrase = UNKNOWN if problem.startswith("contains") else MISSING
    return {_shown(f"{path}.{name}" if path else name): phrase.said(tongue)}


def of_parameters(error: ValidationException, tongue: Tongue) -> Mapping[str, str]:
    """The query and path parameters that Litestar refuses."""
    found: dict[str, str] = {}
    for complaint in error.extra if isinstance(error.extra, list) else ():
        key, words = str(complaint.get("key", "")), str(complaint.get("message", ""))
        if key == "data":  # what Litestar calls a body that is not there
            return {"body": BLANK.said(tongue)}
        found[_shown(key)] = _sentence(words).said(tongue)
    missing = re.search(r"required \w+ parameter '(\w+)'", error.detail)
    return found or ({missing.group(1): MISSING.said(tongue)} if missing else {})


def _shown(path: str) -> str:
    return path[:_LONGEST_PATH] or "body"


def _sentence(complaint: str) -> Phrase:
    kinds = _TYPE.match(complaint)
    if kinds is not None:
        return _wrong_type(*kinds.groups())
    bound = _BOUND.match(complaint)
    if bound is not None:
        return _out_of_bounds(*bound.groups())
    return _WRONG


def _wrong_type(wanted: str, got: str) -> Phrase:
    kinds = [_TYPES.get(kind, Phrase(kind, kind)) for kind in wanted.split(" | ")]
    found = _TYPES.get(got, Phrase(got, got))
    return Phrase(
        f"应为{'或'.join(kind.zh for kind in kinds)}，收到的是{found.zh}",
        f"should be {' or '.join(kind.en for kind in kinds)}, not {found.en}",
    )


def _out_of_bounds(kind: str, relation: str, bound: str) -> Phrase:
    if kind == "array":
        return Phrase(
            f"至{'少' if relation == '>=' else '多'} {bound} 项",
            f"must have at {'least' if relation == '>=' else 'most'} {bound} item{'' if bound == '1' else 's'}",
        )
    if kind != "str":
        return Phrase(
            f"不能{'小' if relation == '>=' else '大'}于 {bound}",
            f"must be {'at least' if relation == '>=' else 'at most'} {bound}",
        )
    return BLANK if relation == ">=" else at_most(int(bound))
