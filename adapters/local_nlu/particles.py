"""Words that may stand around a value without asking for anything."""

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

_CHINESE: Final = """
    我 我们 咱们 你 帮我 给我 想 要 想要 需要 是 就 那 那就 还是 应该 大概 差不多 可能 也 都 请 先 再 另外 还有 然后
    不过 但是 一共 总共 共 有 和 跟 或 或者 及 以及 去 到 从 在 飞 往 至 回 坐 乘 乘坐 选 选择 用 由 自 打 离 住 于
    为 的 了 吧 呢 啊 呀 哦 嘛 啦 地 之 以 个 一 一个 这 这个 那个 那边 这边 出发 起飞 走 动身 启程 始发 到达 抵达
    降落 回来 返回 返程 回程 回去 往返 过去 过来 出发地 目的地 起点 终点 前往 飞往 开往 飞到 入住 离店 退房 住到
    开始 结束 截止 当天 那天 时候 左右 前后 以前 之前 以后 之后 早上 上午 中午 下午 晚上 凌晨 傍晚 早 晚 的话 行
    可以 好 好了 就行 就好 即可 人 个人 位 名 人数 大人 成人 小孩 儿童 乘客 张 间 房间 晚 夜 天 号 日 月 点 元 块
    块钱 钱 票 张票 号码 编号 卡号 卡 银行卡 手机 手机号 电话 联系电话 姓名 名字 日期 时间 城市 地点 金额 数量 类型
    叫 收款人 舱 座 座位 改 换 成 改成 换成 改为 定 订 下
"""
_ENGLISH: Final = """
    i i'm i'd i'll i've am we we're we'll are is it it's that's that be to from in on at for the a an my our of and
    or go going leave leaving fly flying depart departing departure return returning arrive arriving arrival come
    coming back next this please want would like make let's say around about maybe people person persons passenger
    passengers adult adults child children ticket tickets room rooms night nights day days yuan one with by number
    card city date destination check checking check-in check-out out until till start starting there us just will
    need travel traveling travelling then also ok okay so use using name amount account phone mobile should but no
    not rather instead staying stay between
"""
_PUNCTUATION: Final = r"[\s，。！？、；：,.!?;:~…\-—'\"“”‘’()（）#]"


def only_values(clause: str, titles: Iterable[str] = ()) -> bool:
    """Whether a clause is values (each written `V`) and words that may surround them, such as the slots' `titles`."""
    if "V" not in clause:
        return False
    return not _pattern(tuple(titles)).sub("", clause)


@lru_cache(maxsize=256)
def _pattern(titles: tuple[str, ...]) -> re.Pattern[str]:
    """Longest words first, so that one pass over the text suffices; words of an alphabet only as a whole."""
    words = {title.lower() for title in titles if title}
    latin = {part for word in words if word.isascii() for part in word.split()} | set(_ENGLISH.split())
    other = {word for word in words if not word.isascii()} | set(_CHINESE.split())
    chinese = "|".join(re.escape(word) for word in sorted(other, key=len, reverse=True))
    english = "|".join(re.escape(word) for word in sorted(latin, key=len, reverse=True))
    return re.compile(rf"V|{_PUNCTUATION}|{chinese}|(?<![a-z])(?:{english})(?![a-z])")
