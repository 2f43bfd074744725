"""The demo business API, spoken to in process."""

import importlib.util
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

APP = Path(__file__).parents[2] / "deploy" / "demo_api" / "app.py"
FLIGHT = {"from": "北京", "to": "上海", "date": "2026-11-25", "passengers": 2}
TRAIN = {"from": "广州", "to": "深圳", "date": "2026-11-25", "seat": "二等座", "passengers": 1}
MOVIE = {"movie": "流浪地球", "cinema": "万达影城", "time": "2026-11-25T19:00", "tickets": 2}
HOTEL = {"city": "杭州", "check_in": "2026-11-25", "check_out": "2026-11-27", "rooms": 1}
TRANSFER = {"payee": "张三", "amount": 200.5, "card_number": "6222080012345675"}


@pytest.fixture
async def shop() -> AsyncIterator[httpx.AsyncClient]:
    spec = importlib.util.spec_from_file_location("demo_api", APP)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["demo_api"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    transport = httpx.ASGITransport(app=module.create_app())
    async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
        yield client


@pytest.mark.parametrize(
    ("path", "order", "prefix"),
    [
        ("/flights/orders", FLIGHT, "FL"),
        ("/trains/orders", TRAIN, "TR"),
        ("/movies/orders", MOVIE, "MV"),
        ("/hotels/orders", HOTEL, "HT"),
    ],
)
async def test_orders_are_numbered_priced_and_found_again(
    shop: httpx.AsyncClient, path: str, order: dict[str, object], prefix: str
) -> None:
    first, second = [(await shop.post(path, json=order)) for _ in range(2)]
    assert first.status_code == 201
    assert [first.json()["order_id"], second.json()["order_id"]] == [f"{prefix}100001", f"{prefix}100002"]
    assert first.json()["price"] == second.json()["price"] > 0
    found = await shop.get("/orders/lookup", params={"order_number": f"{prefix}100001"})
    assert found.json() == {"order_id": f"{prefix}100001", "state": "confirmed"}


async def test_an_unknown_order_is_not_found_and_says_so(shop: httpx.AsyncClient) -> None:
    response = await shop.get("/orders/lookup", params={"order_number": "FL9"})
    assert response.status_code == 404
    assert "FL9" in response.json()["message"]


async def test_a_balance_depends_on_the_card_alone_and_hides_it(shop: httpx.AsyncClient) -> None:
    answers = [
        await shop.post("/accounts/balance", json={name: "6222080012345675"}) for name in ("card", "card_number")
    ]
    assert answers[0].json() == answers[1].json()
    assert answers[0].json()["account"] == "****5675"
    at_bank = await shop.post("/accounts/balance", json={"bank": "工商银行", "account_type": "储蓄账户"})
    assert at_bank.json()["account"] == "工商银行储蓄账户"


@pytest.mark.parametrize("path", ["/transfers", "/accounts/transfers"])
async def test_a_transfer_is_numbered(shop: httpx.AsyncClient, path: str) -> None:
    response = await shop.post(path, json=TRANSFER)
    assert (response.status_code, response.json()) == (201, {"transfer_id": "TF100001", "amount": 200.5})


async def test_a_password_change_hides_the_phone(shop: httpx.AsyncClient) -> None:
    response = await shop.post("/accounts/passwords", json={"type": "登录密码", "phone": "13800138000"})
    assert response.json() == {"request_id": "PW100001", "phone": "****8000"}


async def test_the_same_key_is_carried_out_once(shop: httpx.AsyncClient) -> None:
    headers = {"Idempotency-Key": "k1"}
    answers = [await shop.post("/transfers", json=TRANSFER, headers=headers) for _ in range(3)]
    assert {(a.status_code, a.text) for a in answers} == {(201, answers[0].text)}
    await shop.post("/transfers", json=TRANSFER, headers={"Idempotency-Key": "k2"})
    assert (await shop.get("/stats")).json() == {"executions": {"/transfers": 2}}
    other = await shop.post("/transfers", json={**TRANSFER, "amount": 1}, headers=headers)
    assert other.status_code == 422


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/flights/orders", {**FLIGHT, "to": "北京"}, 422),
        ("/flights/orders", {**FLIGHT, "passengers": 0}, 422),
        ("/flights/orders", {"from": "北京"}, 400),
        ("/trains/orders", {**TRAIN, "to": "广州"}, 422),
        ("/trains/orders", ["no object"], 400),
        ("/transfers", {**TRANSFER, "amount": -1}, 422),
        ("/accounts/balance", {}, 422),
    ],
)
async def test_what_makes_no_sense_is_declined_with_a_message(
    shop: httpx.AsyncClient, path: str, body: object, status: int
) -> None:
    response = await shop.post(path, json=body)
    assert response.status_code == status
    assert response.json()["message"]
    assert (await shop.get("/stats")).json() == {"executions": {}}


async def test_the_weather_depends_on_city_and_day_alone(shop: httpx.AsyncClient) -> None:
    asked = {"city": "北京", "date": "2026-11-25"}
    first, second = [(await shop.get("/weather", params=asked)).json() for _ in range(2)]
    assert first == second
    assert "℃" in first["summary"]
    assert "°C" in (await shop.get("/weather", params={"city": "Beijing"})).json()["summary"]


async def test_it_says_that_it_is_well(shop: httpx.AsyncClient) -> None:
    assert (await shop.get("/health")).json() == {"status": "healthy"}
