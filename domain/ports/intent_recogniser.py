"""Says what an utterance asks for."""

from abc import abstractmethod
from typing import Protocol

from domain.dialogue.understanding import Expectation, Recognition
from domain.intents.catalogue import PublishedCatalogue
from domain.names import CatalogueVersion
from domain.slots.entity import Entity
from domain.values import Unavailable


class IntentRecogniser(Protocol):
    """Learns a catalogue's examples, then reads utterances against it."""

    @abstractmethod
    async def learn(self, published: PublishedCatalogue) -> None:
        """Learn a catalogue; afterwards its version can be recognised. Versions learned before stay usable.

        Learning the same version again changes nothing. Raises PartUnavailable when it cannot learn.
        Does not hold up the event loop.
        """

    @abstractmethod
    async def recognise(
        self,
        text: str,
        entities: tuple[Entity, ...],
        *,
        version: CatalogueVersion,
        expectation: Expectation,
    ) -> Recognition | Unavailable:
        """Read a cleaned utterance, given the entities found in it.

        At least one segment comes back; segments are in the order said and candidates most probable first.
        An utterance outside the catalogue has no candidate above the accept threshold. The same input gives
        the same answer. A version never learned is Unavailable(`not_learned`).
        """
