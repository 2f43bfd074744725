"""What the terminal says itself, in the languages it speaks."""

from typing import Final

from domain.values import Value


class Wording(Value, frozen=True, kw_only=True):
    """Words of one language. `commands` explains each command of the conversation."""

    greeting: str
    prompt: str
    commands: tuple[tuple[str, str], ...]
    unknown_command: str
    nothing_yet: str
    new_conversation: str
    no_slots: str
    too_long: str
    missing: str
    slot_columns: tuple[str, str, str, str, str, str]
    yes: str
    no: str
    turn: str
    rule: str
    tier: str
    part: str
    candidates: str
    ambiguity: str
    entity: str
    negated: str
    invalid: str
    cue: str
    question: str
    evidence: str
    degraded: str


CHINESE: Final = Wording(
    greeting="会意：直接说您要办的事。/help 列出命令，Ctrl-D 离开。",
    prompt="您> ",
    commands=(
        ("/why", "上一轮为什么这样回答：候选意图、线索、层级、证据、实体、规则"),
        ("/slots", "当前任务的槽位"),
        ("/new", "开始新的对话"),
        ("/help", "列出命令"),
        ("/quit", "离开（或按 Ctrl-D）"),
    ),
    unknown_command="没有命令 {command}，/help 列出所有命令。",
    nothing_yet="还没有回答过。",
    new_conversation="新的对话。",
    no_slots="没有槽位。",
    too_long="太长：最多 {limit} 个字符。",
    missing="还缺",
    slot_columns=("槽位", "值", "原文", "置信度", "来源", "有效/已确认"),
    yes="是",
    no="否",
    turn="轮次",
    rule="规则",
    tier="层级",
    part="片段",
    candidates="候选",
    ambiguity="歧义",
    entity="实体",
    negated="被否定",
    invalid="无效",
    cue="线索",
    question="疑问句",
    evidence="证据",
    degraded="降级",
)

ENGLISH: Final = Wording(
    greeting="Huiyi: say what you want done. /help lists the commands, Ctrl-D leaves.",
    prompt="you> ",
    commands=(
        ("/why", "why the last answer came out as it did: candidates, cues, tier, evidence, entities, rule"),
        ("/slots", "the slots of the task in hand"),
        ("/new", "begin a new conversation"),
        ("/help", "list the commands"),
        ("/quit", "leave (or press Ctrl-D)"),
    ),
    unknown_command="no command {command}; /help lists them all.",
    nothing_yet="Nothing has been answered yet.",
    new_conversation="A new conversation.",
    no_slots="No slots.",
    too_long="Too long: {limit} characters at most.",
    missing="missing",
    slot_columns=("slot", "value", "said as", "confidence", "source", "valid/confirmed"),
    yes="yes",
    no="no",
    turn="turn",
    rule="rule",
    tier="tier",
    part="part",
    candidates="candidates",
    ambiguity="ambiguity",
    entity="entity",
    negated="negated",
    invalid="invalid",
    cue="cue",
    question="question",
    evidence="evidence",
    degraded="degraded",
)


def wording_for(language: str | None) -> Wording:
    """The words of a language: English for any English, Chinese for all else."""
    return ENGLISH if language is not None and language.casefold().startswith("en") else CHINESE
