"""Dialogue acts are read from whole clauses, and only where they mean something."""

import asyncio

import pytest

from domain.dialogue.state import State
from domain.dialogue.understanding import CueKind, Recognition
from tests.adapters.local_nlu_ear import CHOOSING, COLLECTING, CONFIRMING, FLIGHT, IDLE, SUSPENDED, Ear

STATES = {"idle": IDLE, "collecting": COLLECTING, "choosing": CHOOSING, "confirming": CONFIRMING}

YES = (
    "确认", "确定", "是的", "对", "对的，就这样", "好的", "好吧", "好呀", "可以", "可以的", "行", "没问题", "没错", "嗯", "嗯嗯", "同意", "就这样吧", "确认无误",
    "确认订票", "确认下单", "订吧", "就订这个", "都可以", "好的，谢谢", "嗯，可以，就这样吧", "ok", "OK!", "yes", "yes please", "Yes, that's right",
    "sure", "correct", "that is correct", "looks good", "go ahead", "do it", "book it", "confirm", "please confirm", "yep",
)  # fmt: skip
NO_YES = (
    "不对", "我不确认", "不确认", "好像不太对", "不是的", "不可以", "不好", "不行", "不同意", "先别确认", "不要确认", "别确认", "还没确认", "不能确认",
    "我没说确认", "谁说确认了", "确认不了", "取消确认", "确认取消", "等等", "等一下，确认", "算了", "确认？", "能确认一下吗", "可以吗", "好吗", "对吧", "是吧",
    "没问题吧", "没问题吧？", "嗯？", "确定吗", "是这样吗", "对了", "需要", "需要修改", "要改", "我再确认一下", "等我确认一下", "让我确认一下再说",
    "确认之前我想改一下日期", "日期不对", "信息有误", "对，但是改成[两](number)个人", "好的，顺便查一下余额", "确认[上海](city)", "是[北京](city)吗",
    "确认个啥", "确认函怎么开", "no", "nope", "not yet", "wait", "hold on", "yes?", "confirm?", "can you confirm?", "is that confirmed?",
    "don't confirm", "please don't book it yet", "I do not confirm", "that's not right", "not quite right", "let me check", "yes but change the date",
    "never mind", "cancel", "is that right", "right?", "before I confirm, change the date", "ok, and check my balance",
)  # fmt: skip


def is_plain_yes(answer: Recognition) -> bool:
    """Whether nothing was heard but a yes."""
    others: set[CueKind] = {"deny", "cancel", "postpone", "hold", "correct"}
    kinds = {cue.kind for cue in answer.cues}
    values = any(segment.entities for segment in answer.segments)
    is_bare = "affirm" in kinds and not kinds & others and answer.tier == "context"
    return is_bare and not values and not answer.is_question


@pytest.fixture(scope="module")
def ear() -> Ear:
    return asyncio.run(Ear().learn())


@pytest.mark.parametrize("text", YES)
async def test_a_plain_yes_is_one(ear: Ear, text: str) -> None:
    assert is_plain_yes(await ear.hear(text, CONFIRMING))


@pytest.mark.parametrize("text", NO_YES)
async def test_what_is_no_plain_yes_never_counts_as_one(ear: Ear, text: str) -> None:
    assert not is_plain_yes(await ear.hear(text, CONFIRMING))


@pytest.mark.parametrize(
    "text",
    [
        "不对", "不是", "我不确认", "不确定", "好像不太对", "好像不对", "有点问题", "先别", "先别确认", "不要确认", "还没确认呢", "不能确认", "不同意", "不行",
        "都不是", "no", "nope", "not yet", "that's not right", "something is wrong", "don't book it", "I don't think so", "none of these",
    ],
)  # fmt: skip
async def test_a_no_denies_and_nothing_else(ear: Ear, text: str) -> None:
    assert await ear.cues(text) == ["deny"]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("算了", "cancel"), ("算了算了", "cancel"), ("取消", "cancel"), ("帮我取消", "cancel"), ("我不订了", "cancel"), ("不想订了", "cancel"),
        ("退出", "cancel"), ("确认取消", "cancel"), ("never mind", "cancel"), ("cancel it", "cancel"), ("I changed my mind", "cancel"),
        ("我再想想", "postpone"), ("考虑一下", "postpone"), ("稍后再说", "postpone"), ("等会儿再确认", "postpone"), ("先不订了", "postpone"),
        ("明天再说", "postpone"), ("让我核对一下再说", "postpone"), ("maybe later", "postpone"), ("let me think about it", "postpone"),
        ("等等", "hold"), ("稍等一下", "hold"), ("等我确认一下", "hold"), ("我看看", "hold"), ("不急", "hold"), ("hold on a second", "hold"),
        ("wait", "hold"), ("let me check first", "hold"), ("再说一遍", "repeat"), ("什么意思", "repeat"), ("没听懂", "repeat"), ("pardon", "repeat"),
        ("say that again", "repeat"), ("转人工", "person"), ("我要找真人客服", "person"), ("talk to a human", "person"), ("继续", "resume"),
        ("接着订刚才的", "resume"), ("continue", "resume"), ("back to the booking", "resume"), ("改一下", "correct"), ("我说错了", "correct"),
        ("我要改", "correct"), ("that was my mistake", "correct"),
    ],
)  # fmt: skip
async def test_an_act_is_told_by_its_words(ear: Ear, text: str, kind: str) -> None:
    assert await ear.cues(text) == [kind]


@pytest.mark.parametrize(
    "text", ["都可以", "随便", "无所谓", "跳过", "不知道", "whatever", "I don't mind", "up to you"]
)
async def test_what_leaves_it_open_skips_where_something_was_asked(ear: Ear, text: str) -> None:
    assert await ear.cues(text, COLLECTING) == ["skip"]
    assert "skip" not in await ear.cues(text, CONFIRMING)


async def test_all_right_skips_a_question_and_confirms_what_was_shown(ear: Ear) -> None:
    assert await ear.cues("都可以", COLLECTING) == ["skip"]
    assert await ear.cues("都可以", CONFIRMING) == ["affirm"]


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
@pytest.mark.parametrize(
    "text",
    [
        "不对称的图形很美", "确认函怎么开", "人工智能是什么", "继续教育学院在哪", "等等党永不为奴", "好的酒店有哪些推荐", "取消订单要手续费吗", "跳过的章节",
        "一不小心错了好多", "对外贸易大学", "改革开放", "行李可以带多少", "cancellation policy", "confirmation letter", "no problem city",
        "yesterday was fine", "human resources", "the continuing story", "the wait time", "okra soup",
    ],
)  # fmt: skip
async def test_an_act_is_never_found_inside_other_words(ear: Ear, text: str, state: State) -> None:
    assert await ear.cues(text, state) == []


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1", 1), ("2", 2), ("一", 1), ("二", 2), ("两", 2), ("第一个", 1), ("第二个吧", 2), ("选2", 2), ("我要第一个", 1), ("我想要第二个", 2), ("2号", 2),
        ("前者", 1), ("后者", -1), ("最后一个", -1), ("第9个", 9), ("the first one", 1), ("option 2", 2), ("the latter", -1), ("number two", 2),
        ("I'll take the second", 2), ("last", -1), ("机票", 1), ("机票吧", 1), ("订机票", 1), ("我要机票", 1), ("电影", 2), ("就订电影票", 2), ("book_movie", 2),
    ],
)  # fmt: skip
async def test_a_number_or_a_title_chooses_from_an_offer(ear: Ear, text: str, number: int) -> None:
    answer = await ear.hear(text, CHOOSING)
    assert [(cue.kind, cue.number) for cue in answer.cues] == [("choose", number)]
    assert answer.tier == "context"


@pytest.mark.parametrize("state", [IDLE, COLLECTING, CONFIRMING], ids=["idle", "collecting", "confirming"])
@pytest.mark.parametrize("text", ["1", "第二个", "一", "最后一个", "the first one", "option 2"])
async def test_nothing_is_chosen_without_an_offer(ear: Ear, text: str, state: State) -> None:
    assert "choose" not in await ear.cues(text, state)


@pytest.mark.parametrize("text", ["票", "我想订", "去[上海](city)的", "随便哪个", "1个人", "第一次坐飞机", "二月"])
async def test_words_that_tell_no_option_choose_none(ear: Ear, text: str) -> None:
    assert "choose" not in await ear.cues(text, CHOOSING)


@pytest.mark.parametrize(
    ("text", "rejected"),
    [
        ("不是[后天](date)，是[下周一](date)", "后天"), ("不是[北京](city)，是[武汉](city)", "北京"), ("不是[北京](city)是[武汉](city)", "北京"),
        ("不要[往返](trip_type)，要[单程](trip_type)", "往返"), ("不去[上海](city)了，去[广州](city)", "上海"),
        ("not [Beijing](city), [Wuhan](city)", "Beijing"),
    ],
)  # fmt: skip
async def test_one_value_for_another_is_a_correction(ear: Ear, text: str, rejected: str) -> None:
    answer = await ear.hear(text, CONFIRMING)
    assert {cue.kind for cue in answer.cues} == {"correct"}
    assert answer.tier == "context"
    assert {each.text for segment in answer.segments for each in segment.entities if each.negated} == {rejected}
    assert all(not segment.candidates for segment in answer.segments)


@pytest.mark.parametrize(
    "text",
    [
        "改成[后天](date)", "换成[后天](date)吧", "日期改到[后天](date)", "出发城市改成[武汉](city)", "把[上海](city)改成[广州](city)", "应该是[后天](date)",
        "change it to [Friday](date)", "change the departure date to [Friday](date)", "change [Shanghai](city) to [Wuhan](city)",
        "I meant [Wuhan](city)", "make it [Friday](date)",
    ],
)  # fmt: skip
async def test_a_new_value_is_a_correction(ear: Ear, text: str) -> None:
    answer = await ear.hear(text, CONFIRMING)
    assert [cue.kind for cue in answer.cues] == ["correct"]
    assert answer.tier == "context"


@pytest.mark.parametrize(
    "text",
    [
        "改一下日期",
        "我要改出发日期",
        "把日期改一下",
        "日期不对",
        "出发日期错了",
        "换个日期",
        "确认之前我想改一下人数",
        "修改目的地",
        "我的日期要改",
        "能改一下人数吗",
    ],
)
async def test_what_is_to_be_changed_can_be_named(ear: Ear, text: str) -> None:
    for state in (CONFIRMING, COLLECTING):
        assert await ear.cues(text, state) == ["correct"]


@pytest.mark.parametrize("text", ["改一下日期", "日期不对", "我要改人数", "改一下"])
async def test_there_is_nothing_to_change_without_a_task(ear: Ear, text: str) -> None:
    assert await ear.cues(text, IDLE) == []


@pytest.mark.parametrize(
    "text", ["改银行", "改密码", "换个手机", "我要改[招商银行](bank)", "change my mind about the bank"]
)
async def test_what_the_task_does_not_have_is_not_changed(ear: Ear, text: str) -> None:
    assert await ear.cues(text, CONFIRMING) == []


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("不对，我是从[武汉](city)出发的", ["deny"]), ("不对我是从[武汉](city)出发的", ["deny"]), ("错了，去[广州](city)", ["correct"]),
        ("对，但是改成[两](number)个人", ["affirm"]), ("好的，顺便查一下余额", ["affirm"]), ("算了，我先查一下余额", ["cancel"]),
        ("等等，我想先查一下余额", ["hold"]), ("算了不订了", ["cancel", "cancel"]), ("不，等一下", ["deny", "hold"]), ("no wait, [Friday](date)", ["deny"]),
        ("yes but make it [two](number)", ["affirm", "correct"]),
    ],
)  # fmt: skip
async def test_an_act_beside_something_else_is_heard_with_it(ear: Ear, text: str, kinds: list[str]) -> None:
    heard = await ear.cues(text)
    assert heard[: len(kinds)] == kinds or set(kinds) <= set(heard)


@pytest.mark.parametrize("text", ["继续订票从[武汉](city)出发", "继续订票，从[武汉](city)出发", "接着订，[武汉](city)"])
async def test_a_task_is_taken_up_with_new_values(ear: Ear, text: str) -> None:
    answer = await ear.hear(text, SUSPENDED)
    assert [cue.kind for cue in answer.cues] == ["resume"]
    assert [each.text for segment in answer.segments for each in segment.entities] == ["武汉"]
    assert answer.tier == "context"
    assert not any(segment.candidates for segment in answer.segments)


@pytest.mark.parametrize("filler", ["对了", "嗯", "那个", "你好", "请问", "不好意思", "oh", "by the way", "hi"])
async def test_a_filler_beside_something_else_is_no_act(ear: Ear, filler: str) -> None:
    answer = await ear.hear(f"{filler}，订机票", CONFIRMING)
    assert answer.cues == ()
    assert answer.segments[0].candidates[0].intent == FLIGHT


@pytest.mark.parametrize("text", ["对了", "那个", "话说", "by the way", "呃", "so"])
async def test_a_filler_alone_asks_for_nothing(ear: Ear, text: str) -> None:
    for state in (IDLE, CONFIRMING):
        answer = await ear.hear(text, state)
        assert answer.cues == ()
        assert not any(segment.candidates for segment in answer.segments)


@pytest.mark.parametrize(
    "text",
    ["从[北京](city)出发", "嗯，[北京](city)", "就[北京](city)吧", "from [Beijing](city) please", "那就[明天](date)"],
)
async def test_values_and_small_words_are_an_answer(ear: Ear, text: str) -> None:
    answer = await ear.hear(text, COLLECTING)
    assert answer.tier == "context"
    assert not any(segment.candidates for segment in answer.segments)


async def test_values_that_the_task_does_not_take_are_no_answer_to_it(ear: Ear) -> None:
    assert (await ear.hear("我要改[招商银行](bank)", COLLECTING)).tier != "context"


async def test_an_act_in_a_very_long_clause_is_not_looked_for(ear: Ear) -> None:
    assert await ear.cues("嗯" * 300, CONFIRMING) in ([], ["affirm"])
    assert await ear.cues("不" * 61, CONFIRMING) == []


async def test_the_act_that_was_expected_is_said_in_the_evidence(ear: Ear) -> None:
    answer = await ear.hear("算了", CONFIRMING)
    assert [(line.stage, line.detail) for line in answer.evidence] == [("cue", "cancel: 算了")]
