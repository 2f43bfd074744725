"""What clients send."""

from typing import Annotated

import msgspec
from msgspec import Meta

UserId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description="Whom the conversation belongs to; no control characters.",
        examples=["u-1001"],
    ),
]
MessageId = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=128,
        description="Names this message. Sent again with the same body it gets the same reply and nothing happens "
        "twice; with another body it is refused with 409.",
        examples=["m-20261124-0001"],
    ),
]


class Context(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Circumstances of a message."""

    time_zone: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=64,
                description="IANA name of the user's time zone; dates in words are read in it.",
                examples=["Asia/Shanghai"],
            ),
        ]
        | None
    ) = None
    channel: (
        Annotated[
            str,
            Meta(
                min_length=1,
                max_length=64,
                description="Where the user writes from. Accepted for clients that send it; it changes nothing.",
                examples=["web"],
            ),
        ]
        | None
    ) = None


class Message(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What a user says."""

    user_id: UserId
    input: Annotated[
        str,
        Meta(
            description="The user's words, 2000 characters at most (or fewer where the service is set up so).",
            examples=["我想订一张明天从北京到上海的机票"],
        ),
    ]
    session_id: (
        Annotated[
            str,
            Meta(
                description="The conversation to go on with, as given in an earlier reply; a new one opens without it.",
                examples=["5b0d6a52c1c94c6e9a5f2f0f3b1c7d10"],
            ),
        ]
        | None
    ) = None
    message_id: MessageId | None = None
    context: Annotated[Context, Meta(description="Circumstances of the message.")] | None = None


class Batch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Several messages at once."""

    items: Annotated[
        list[Message],
        Meta(min_length=1, max_length=20, description="The messages. Those of one session are answered in this order."),
    ]


class SealedBatch(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A batch whose messages are read one by one, so that a bad one does not spoil the others."""

    items: Annotated[list[msgspec.Raw], Meta(min_length=1, max_length=20)]


class Choice(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An answer to a numbered offer."""

    session_id: Annotated[
        str, Meta(description="The conversation with the open offer.", examples=["5b0d6a52c1c94c6e9a5f2f0f3b1c7d10"])
    ]
    user_id: UserId
    user_choice: Annotated[
        int | str,
        Meta(
            description="The option's number from 1, its intent's name as in `ambiguous_intents`, or its title.",
            examples=[1, "book_flight", "订机票"],
        ),
    ]
    message_id: MessageId | None = None
