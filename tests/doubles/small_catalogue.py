"""A catalogue small enough to reason about, with every feature the machine knows."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import msgspec

from domain.intents.catalogue import Catalogue

NOW = datetime(2026, 11, 23, 14, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
NOW_UTC = NOW.astimezone(UTC)

CITIES = ("北京", "上海", "武汉", "广州")

DOCUMENT = {
    "language": "zh-CN",
    "entities": {
        "city": {"title": "城市", "values": dict.fromkeys(CITIES, ())},
        "trip_type": {"values": {"单程": (), "往返": ()}},
        "bank": {"values": {"招商银行": ("招行",), "中国银行": ()}},
        "bank_card": {"pattern": r"\d{16,19}", "check": "luhn", "sensitive": True},
    },
    "intents": {
        "book_flight": {
            "title": "订机票",
            "label": "机票",
            "examples": ("订机票", "从[北京](departure_city)到[上海](arrival_city)"),
            "slots": {
                "departure_city": {"entity": "city", "title": "出发城市", "required": True, "ask": "请问出发城市？"},
                "arrival_city": {
                    "entity": "city",
                    "title": "到达城市",
                    "required": True,
                    "ask": ("请问到达城市？", "请告诉我到达城市。"),
                    "suggest": ("上海", "广州"),
                    "checks": ({"differs_from": "departure_city", "say": "出发和到达不能相同，请问到达城市？"},),
                },
                "departure_date": {
                    "entity": "date",
                    "title": "出发日期",
                    "required": True,
                    "checks": ({"not_before": "today"}, {"within_days": 365}),
                },
                "return_date": {
                    "entity": "date",
                    "title": "返程日期",
                    "required_when": {"trip_type": "往返"},
                    "checks": ({"not_before": "departure_date"},),
                    "relative_to": "departure_date",
                },
                "trip_type": {"entity": "trip_type", "title": "行程", "default": "单程"},
                "passenger_count": {
                    "entity": "number",
                    "title": "人数",
                    "default": 1,
                    "checks": ({"between": (1, 9)},),
                },
                "note": {"entity": "text", "title": "备注"},
            },
            "confirm": True,
            "function": "book_flight",
        },
        "check_balance": {
            "title": "查余额",
            "label": "余额",
            "examples": ("查余额",),
            "slots": {
                "bank_name": {
                    "entity": "bank", "title": "银行", "required": True, "required_unless": ("card_number",),
                },
                "card_number": {"entity": "bank_card", "title": "银行卡号"},
            },
            "function": "check_balance",
        },
        "book_movie": {
            "title": "订电影票",
            "examples": ("看电影",),
            "slots": {"movie_name": {"entity": "text", "title": "影片", "required": True}},
            "response": "已记下{movie_name}。",
        },
        "weather": {
            "title": "查天气",
            "examples": ("天气怎么样",),
            "digression": True,
            "slots": {"city": {"entity": "city", "required": True}},
            "function": "weather",
        },
        "help": {"title": "帮助", "examples": ("帮助",), "digression": True, "response": ("我能订票。", "我能查余额。")},
        "human": {"title": "人工", "examples": ("人工",), "hand_off": True},
        "goodbye": {"title": "再见", "examples": ("再见",), "closes": True, "response": "再见！"},
    },
    "ambiguities": {
        "ticket": {"examples": ("买票",), "candidates": ("book_flight", "book_movie"), "ask": "请问订哪种票？"},
    },
    "functions": {
        "book_flight": {
            "url": "http://api/flights",
            "arguments": {
                "from": "departure_city", "to": "arrival_city", "date": "departure_date", "back": "return_date",
            },
            "success": "已订{date} {from}→{to}，订单号{order_id}。",
            "failure": "机票服务暂时不可用。",
        },
        "check_balance": {
            "url": "http://api/balance",
            "arguments": {"bank": "bank_name", "card": "card_number"},
            "success": "余额{balance}元。",
            "idempotent": True,
        },
        "weather": {"url": "http://api/weather", "arguments": {"city": "city"}, "success": "{city}{summary}。"},
    },
    "responses": {"take_your_time": ("不急。", "慢慢来。")},
    "policies": {"suspended": 2},
}  # fmt: skip


def small_catalogue(**policies: object) -> Catalogue:
    """The catalogue, with policies changed where wanted."""
    document = {**DOCUMENT, "policies": {**DOCUMENT["policies"], **policies}}
    return msgspec.convert(document, Catalogue)
