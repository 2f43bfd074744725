"""A small business API to try the demo catalogue against. Keeps everything in memory and sells nothing.

Answers depend on the request alone, apart from the numbers of orders, which count up. A request that comes again under
the same Idempotency-Key gets the first answer and has no further effect; the key with another body is refused.
"""

import zlib
from collections import Counter
from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Litestar, Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromQuery

Fields = dict[str, str | int | float]
Amount = int | float

WEATHER = (
    ("晴", "sunny"),
    ("多云", "partly cloudy"),
    ("阴", "overcast"),
    ("小雨", "light rain"),
    ("阵雨转晴", "showers, clearing later"),
)


class FlightOrder(msgspec.Struct, rename={"origin": "from"}):
    """Seats on a flight, and on the one back."""

    origin: str
    to: str
    date: str
    return_date: str = ""
    trip_type: str = ""
    seat_class: str = ""
    passengers: Amount = 1


class TrainOrder(msgspec.Struct, rename={"origin": "from"}):
    """Seats on a train."""

    origin: str
    to: str
    date: str
    seat: str = ""
    passengers: Amount = 1


class MovieOrder(msgspec.Struct):
    """Seats in a cinema."""

    movie: str
    cinema: str = ""
    city: str = ""
    date: str = ""
    time: str = ""
    tickets: Amount = 1


class HotelOrder(msgspec.Struct):
    """Rooms in a hotel."""

    city: str
    check_in: str
    check_out: str = ""
    room_type: str = ""
    rooms: Amount = 1


class BalanceQuestion(msgspec.Struct):
    """Whose balance is wanted: a card, or a bank and the kind of account there."""

    bank: str = ""
    account_type: str = ""
    card_number: str = ""
    card: str = ""


class Transfer(msgspec.Struct):
    """Money for somebody."""

    payee: str
    amount: Amount
    card_number: str = ""
    card: str = ""
    bank: str = ""


class PasswordChange(msgspec.Struct):
    """Which password, and where to send the link."""

    phone: str
    type: str = ""


Asked = FlightOrder | TrainOrder | MovieOrder | HotelOrder | BalanceQuestion | Transfer | PasswordChange


class Declined(Exception):
    """A request that is understood and not done; `status` and `message` go into the answer."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Books:
    """What has happened so far."""

    def __init__(self) -> None:
        self.executions: Counter[str] = Counter()
        self._numbers: Counter[str] = Counter()
        self._orders: set[str] = set()
        self._answers: dict[str, tuple[bytes, int, Fields]] = {}

    def number(self, prefix: str) -> str:
        """The next order number of a kind."""
        self._numbers[prefix] += 1
        order = f"{prefix}{100000 + self._numbers[prefix]}"
        self._orders.add(order)
        return order

    def knows(self, order: str) -> bool:
        """Whether an order of that number was made."""
        return order in self._orders

    def once(self, key: str, path: str, body: bytes, work: Callable[[], tuple[int, Fields]]) -> tuple[int, Fields]:
        """Do the work unless its key was seen; the answer given then comes back. Raises Declined."""
        if key in self._answers:
            known, status, fields = self._answers[key]
            if known != path.encode() + body:
                raise Declined(422, "同一个幂等键不能用于不同的请求 / this key was used for another request")
            return status, fields
        status, fields = work()
        self.executions[path] += 1
        if key:
            self._answers[key] = (path.encode() + body, status, fields)
        return status, fields


def _chance(*parts: object, below: int) -> int:
    """A number that looks random and depends on the parts alone."""
    return zlib.crc32("|".join(map(str, parts)).encode()) % below


def _positive(count: Amount, what: str) -> int:
    if count < 1:
        raise Declined(422, f"{what}必须至少为 1 / {what} must be at least 1")
    return int(count)


def _flight(order: FlightOrder, books: Books) -> Fields:
    people = _positive(order.passengers, "passengers")
    if order.origin == order.to:
        raise Declined(422, "出发地和目的地不能相同 / origin and destination must differ")
    fare = 400 + _chance(order.origin, order.to, order.date, order.seat_class, below=1600)
    trips = 2 if order.return_date else 1
    return {"order_id": books.number("FL"), "price": fare * people * trips, "currency": "CNY"}


def _train(order: TrainOrder, books: Books) -> Fields:
    people = _positive(order.passengers, "passengers")
    if order.origin == order.to:
        raise Declined(422, "出发地和目的地不能相同 / origin and destination must differ")
    fare = 50 + _chance(order.origin, order.to, order.seat, below=800)
    return {"order_id": books.number("TR"), "price": fare * people, "currency": "CNY"}


def _movie(order: MovieOrder, books: Books) -> Fields:
    tickets = _positive(order.tickets, "tickets")
    return {"order_id": books.number("MV"), "price": (35 + _chance(order.movie, below=45)) * tickets, "currency": "CNY"}


def _hotel(order: HotelOrder, books: Books) -> Fields:
    rooms = _positive(order.rooms, "rooms")
    rate = 200 + _chance(order.city, order.room_type, below=900)
    return {"order_id": books.number("HT"), "price": rate * rooms, "currency": "CNY"}


def _balance(question: BalanceQuestion, _books: Books) -> Fields:
    card = question.card_number or question.card
    if not card and not question.bank:
        raise Declined(422, "请提供卡号或银行 / a card number or a bank is needed")
    account = f"****{card[-4:]}" if card else f"{question.bank}{question.account_type}"
    cents = _chance(card or question.bank, question.account_type, below=10_000_000)
    return {"balance": cents / 100, "account": account, "currency": "CNY"}


def _transfer(transfer: Transfer, books: Books) -> Fields:
    if transfer.amount <= 0:
        raise Declined(422, "转账金额必须大于 0 / the amount must be above zero")
    return {"transfer_id": books.number("TF"), "amount": transfer.amount}


def _password(change: PasswordChange, books: Books) -> Fields:
    return {"request_id": books.number("PW"), "phone": f"****{change.phone[-4:]}"}


ROUTES: tuple[tuple[str, int, type[Asked], Callable[[Any, Books], Fields]], ...] = (
    ("/flights/orders", 201, FlightOrder, _flight),
    ("/trains/orders", 201, TrainOrder, _train),
    ("/movies/orders", 201, MovieOrder, _movie),
    ("/hotels/orders", 201, HotelOrder, _hotel),
    ("/accounts/balance", 200, BalanceQuestion, _balance),
    ("/transfers", 201, Transfer, _transfer),
    ("/accounts/transfers", 201, Transfer, _transfer),
    ("/accounts/passwords", 201, PasswordChange, _password),
)


def _route(
    path: str, status: int, kind: type[Asked], work: Callable[[Any, Books], Fields], books: Books
) -> HTTPRouteHandler:
    @post(path)
    async def carry_out(request: Request[Any, Any, Any]) -> Response[Fields]:
        body = await request.body()
        try:
            asked = msgspec.json.decode(body, type=kind)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Declined(400, f"请求内容有误 / the request is wrong: {error}") from error
        key = request.headers.get("Idempotency-Key", "")
        answered, fields = books.once(key, path, body, lambda: (status, work(asked, books)))
        return Response(fields, status_code=answered)

    return carry_out


def _questions(books: Books) -> list[HTTPRouteHandler]:
    @get("/weather")
    async def weather(city: FromQuery[str], date: FromQuery[str] = "") -> Fields:
        chinese, english = WEATHER[_chance(city, date, below=len(WEATHER))]
        degrees = _chance(date, city, below=36) - 3
        summary = f"{english}, {degrees} °C" if city.isascii() else f"{chinese}，{degrees}℃"
        return {"summary": summary, "city": city, "date": date}

    @get("/orders/lookup")
    async def look_up(order_number: FromQuery[str]) -> Fields:
        if not books.knows(order_number):
            raise Declined(404, f"没有找到订单 {order_number} / there is no order {order_number}")
        return {"order_id": order_number, "state": "confirmed"}

    @get("/health")
    async def health() -> dict[str, str]:
        return {"status": "healthy"}

    @get("/stats")
    async def stats() -> dict[str, dict[str, int]]:
        return {"executions": dict(books.executions)}

    return [weather, look_up, health, stats]


def _declined(_request: Request[Any, Any, Any], error: Declined) -> Response[dict[str, str]]:
    return Response({"message": error.message}, status_code=error.status)


def create_app() -> Litestar:
    """A fresh API with empty books."""
    books = Books()
    routes = [_route(*route, books) for route in ROUTES]
    return Litestar([*routes, *_questions(books)], exception_handlers={Declined: _declined}, openapi_config=None)
