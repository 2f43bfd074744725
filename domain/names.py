"""Names and identifiers, one type each, so that a checker refuses to mix them."""

from typing import NewType

ConversationId = NewType("ConversationId", str)
MessageId = NewType("MessageId", str)
UserId = NewType("UserId", str)
IntentName = NewType("IntentName", str)
SlotName = NewType("SlotName", str)
EntityName = NewType("EntityName", str)
FunctionName = NewType("FunctionName", str)
InvocationKey = NewType("InvocationKey", str)
CatalogueVersion = NewType("CatalogueVersion", int)
Language = NewType("Language", str)
