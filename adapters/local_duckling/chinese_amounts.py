"""Money, ordinals and counts in Chinese."""

import re
from collections.abc import Iterator

from adapters.local_duckling.canvas import Canvas
from adapters.local_duckling.chinese_number import NUMERAL, parse_number, parse_whole
from adapters.local_duckling.reading import MONEY, NUMBER, ORDINAL, Reading

_SIGN = r"(?:(?P<sign>负|(?<![\dA-Za-z一二三四五六七八九十百千万亿])[-−])\s?)?"
_CURRENCY = (
    "人民币|元人民币|块人民币|美元|美金|欧元|英镑|港币|港元|港纸|日元|日币|韩元|韩币|新?台币|泰铢|卢布|澳元|加元|新元|"
    "[rR][mM][bB]|[cC][nN][yY]|[uU][sS][dD]|元(?![旦素宵件月气音老首])(?:钱|整|人民币)?|块钱|块整?|圆|刀(?!叉|具)"
)
_SYMBOL = r"[¥￥$€£]|[rR][mM][bB]|[cC][nN][yY]|[uU][sS][dD]|人民币"
_MOST = "不超过|最多|至多|不到|低于|不高于|至少|最少|超过|不低于"
_BOUND = "(?:之内|以内|以下|以上|左右|上下|内|起)"
_DIGIT = "[1-9一二三四五六七八九]"
_TAIL = rf"(?P<jiao>{_DIGIT})(?:[毛角](?:(?P<fen>{_DIGIT})分)?|(?![\d个位名张间人点十百千万年月天]))"
_MONEY = re.compile(
    rf"(?:{_MOST})?{_SIGN}(?:(?:{_SYMBOL})\s?(?P<marked>{NUMERAL})(?:{_CURRENCY})?"
    rf"|(?P<number>{NUMERAL})\s?(?:[元块]{_TAIL}钱?|(?:{_CURRENCY})(?:人民币)?)"
    rf"|(?P<small>{NUMERAL})(?P<coin>[毛角]钱?|分钱)){_BOUND}?"
)
_MONEY_RANGE = re.compile(rf"(?<![\d.A-Za-z])(?P<number>{NUMERAL})(?=(?:到|至|-|~|—)(?:{NUMERAL})(?:{_CURRENCY}))")
_TOGETHER = re.compile(r"一块(?!钱|[一二三四五六七八九\d])")
_ORDINAL = re.compile(
    rf"(?P<back>倒数)?第(?P<number>{NUMERAL})(?!时间|方|手|线|人称)个?|(?P<last>最后一[个项条种家位张]|最后[那]一?个)"
)
_MEASURE = (
    "个|位|名|张|间|份|件|台|辆|次|瓶|杯|只|条|本|套|晚|夜|人|口|双|对|桌|盒|箱|公?斤|千?克|公里|千米|米|层|座|排|趟|班|支|"
    "架|部|册|页|封|笔|顿|束|朵|粒|片|包|袋|罐|岁|折|倍|股|篇|节|大|小(?![时])|成人|儿童|孩|学生|老人|婴儿|票|房|床|碗|盘|串|"
    "根|匹|头|棵|把|艘|栋|颗|卷|组|批|类|种|行|列|轮|场|集"
)
_ABOUT = re.compile(
    rf"几[十百千万]+|(?:[二三四五六七八九]?十|[百千万])[几多来余]|(?:{NUMERAL})[多来余](?=[万亿]?(?:{_MEASURE}|元|块|天|年))"
    rf"|(?:一两|两三|三四|三五|四五|五六|六七|七八|八九)(?=[十百千万]?(?:{_MEASURE}|元|块|天|年))"
)
_PROPORTION = re.compile(rf"(?P<scale>百|千|万|{NUMERAL})分之(?P<share>{NUMERAL})")
_NAMES = re.compile(r"双十[一二]|\d0后|七夕")
_HOUSEHOLD = re.compile(rf"一家(?=(?:{NUMERAL})口)")
_COUNT = re.compile(
    rf"(?<![\dA-Za-z_])(?<![\dA-Za-z][.,])(?<![A-Za-z]-){_SIGN}(?!0\d)(?P<number>{NUMERAL})(?P<suffix>%|‰|[kKwW](?![A-Za-z]))?(?![\d_]|\.\d|[A-Za-z])"
)
_PAIR = re.compile("(?P<pair>[俩仨])")
_MEASURED = re.compile(rf"\s?(?:{_MEASURE})")
_LARGE = re.compile("[十百千万亿拾佰仟廿卅]")
_LEAD = re.compile(r"[\s是就那要订共一总买来选我的有大概约给数量为改成:：，,一]{0,40}")
_CLOSE = re.compile(r"[吧的了啊呢哦呀。！!\s，,]{0,40}")
_SCALES = {"%": 0.01, "‰": 0.001, "k": 1000, "w": 10000}


def read_amounts(canvas: Canvas) -> Iterator[Reading]:
    """Ordinals, money and numbers; their spans are taken from the canvas."""
    yield from _read_ordinals(canvas)
    yield from _read_money(canvas)
    yield from _read_proportions(canvas)
    for pattern in (_ABOUT, _HOUSEHOLD, _NAMES):
        for match in canvas.find(pattern):
            canvas.hide(*match.span())
    yield from _read_counts(canvas)


def _read_ordinals(canvas: Canvas) -> Iterator[Reading]:
    """第三个 is 3; the end is counted backwards, so 最后一个 is -1 and 倒数第二 is -2."""
    for match in canvas.find(_ORDINAL):
        place = 1 if match["last"] else parse_whole(match["number"])
        if place is None:
            continue
        canvas.take(*match.span())
        yield Reading(ORDINAL, *match.span(), -place if match["last"] or match["back"] else place)


def _read_money(canvas: Canvas) -> Iterator[Reading]:
    for match in canvas.find(_TOGETHER):
        canvas.hide(*match.span())
    for pattern in (_MONEY_RANGE, _MONEY):
        for match in canvas.find(pattern):
            amount = _amount(match)
            if amount is None:
                continue
            yield Reading(MONEY, *match.span(), amount)
            name = next(name for name in ("number", "marked", "small") if match.groupdict().get(name))
            if name != "small" and not match.groupdict().get("jiao"):
                yield Reading(NUMBER, *match.span(name), amount, confidence=0.8)
            canvas.take(*match.span())


def _amount(match: re.Match[str]) -> float | int | None:
    """Yuan: 三块五 is 3.5, 五毛 is 0.5."""
    groups = match.groupdict()
    amount = parse_number(groups.get("number") or groups.get("marked") or groups.get("small") or "")
    if amount is None:
        return None
    if groups.get("small"):
        amount = amount / (100 if (groups["coin"] or "").startswith("分") else 10)
    tenths = parse_whole(groups.get("jiao") or "0") or 0
    hundredths = parse_whole(groups.get("fen") or "0") or 0
    amount = round(amount + tenths / 10 + hundredths / 100, 4)
    amount = int(amount) if amount == int(amount) else amount
    return -amount if groups.get("sign") else amount


def _read_proportions(canvas: Canvas) -> Iterator[Reading]:
    for match in canvas.find(_PROPORTION):
        scale = {"百": 100, "千": 1000, "万": 10000}.get(match["scale"]) or parse_number(match["scale"])
        share = parse_number(match["share"])
        if not scale or share is None:
            continue
        canvas.take(*match.span())
        yield Reading(NUMBER, *match.span(), share / scale)


def _read_counts(canvas: Canvas) -> Iterator[Reading]:
    for match in canvas.find(_COUNT):
        value = parse_number(match["number"])
        if value is None or not _counts(match, canvas.text):
            continue
        canvas.take(*match.span())
        scale = _SCALES.get((match["suffix"] or "").lower(), 1)
        scaled = round(value * scale, 9)
        signed = -scaled if match["sign"] else scaled
        yield Reading(NUMBER, *match.span(), int(signed) if signed == int(signed) else signed)
    for match in canvas.find(_PAIR):
        yield Reading(NUMBER, *match.span(), 2 if match["pair"] == "俩" else 3)


def _counts(match: re.Match[str], text: str) -> bool:
    """Chinese digits stand in many words (一下, 三里屯): they count before a measure word, in tens, or alone."""
    number = match["number"]
    if number[0].isascii() or match["sign"] or _MEASURED.match(text, match.end()):
        return True
    if len(number) > 1 and _LARGE.search(number):
        return True
    return bool(_LEAD.fullmatch(text, 0, match.start()) and _CLOSE.fullmatch(text, match.end()))
