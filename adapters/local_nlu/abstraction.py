"""Values taken out of texts, so that 我要去东京 is read like 我要去上海."""

from collections.abc import Iterator, Mapping, Sequence

from adapters.local_nlu.spans import Span, rewritten
from domain.intents.annotated import AnnotatedExample
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Intent
from domain.intents.normalise import canonical
from domain.names import EntityName
from domain.slots.entity import Entity

_OPEN = 8
"""A dictionary of as many values names things; the words of a shorter one (经济舱, 登录密码) tell intents apart."""
_BUILT_IN: Mapping[str, tuple[str, str]] = {
    "date": ("明天", "tomorrow"),
    "datetime": ("明天", "tomorrow"),
    "time": ("八点", "8 o'clock"),
    "duration": ("三天", "three days"),
    "money": ("100元", "100 yuan"),
    "number": ("2", "2"),
    "phone": ("手机号", "phone number"),
    "email": ("邮箱", "email address"),
    "url": ("网址", "link"),
}
_FIRST_MARK = 0x3400  # rare Chinese characters: letters to every rule that folds texts


class Abstraction:
    """What one catalogue's values are replaced by."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._typical = dict(_BUILT_IN)
        for name, declared in catalogue.entities.items():
            if len(declared.values) >= _OPEN:
                value = next(iter(declared.values))
                self._typical[name] = (value, value)
            elif declared.pattern is not None:
                self._typical[name] = (declared.title or name, declared.title or name)
        kinds = sorted({*catalogue.entities, *(EntityName(kind) for kind in _BUILT_IN)})
        self._marks = {kind: chr(_FIRST_MARK + index) for index, kind in enumerate(kinds)}
        self._values = _Dictionary(catalogue)

    def levelled(self, text: str, spans: Sequence[Span | Entity]) -> str:
        """The text with a typical value of its kind in place of each value."""
        language = 1 if text.isascii() else 0

        def write(span: Span | Entity) -> str:
            typical = self._typical.get(span.kind)
            return typical[language] if typical is not None else text[span.start : span.end]

        return rewritten(text, spans, write)

    def pattern(self, text: str, spans: Sequence[Span | Entity]) -> str:
        """The canonical text with nothing left of its values but their kinds."""
        return canonical(rewritten(text, spans, lambda span: self._marks.get(span.kind, "")))

    def spans(self, example: AnnotatedExample, intent: Intent | None) -> tuple[Span, ...]:
        """The values in an example: those annotated for a slot, and dictionary values elsewhere."""
        found: list[Span] = []
        for annotation in example.annotations:
            slot = intent.slots.get(annotation.slot) if intent is not None else None
            if slot is not None and slot.entity in self._marks:
                found.append(Span(slot.entity, annotation.start, annotation.end))
        taken = [(annotation.start, annotation.end) for annotation in example.annotations]
        for span in self._values.find(example.text):
            if all(span.end <= start or end <= span.start for start, end in taken):
                found.append(span)
        return tuple(sorted(found, key=lambda span: span.start))


class _Dictionary:
    """Every word of the catalogue's dictionaries with its kind."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._kinds: dict[str, EntityName] = {}
        for kind, declared in catalogue.entities.items():
            for value, synonyms in declared.values.items():
                for word in (value, *synonyms):
                    self._kinds.setdefault(word.casefold(), kind)
        self._lengths: dict[str, tuple[int, ...]] = {}
        for word in self._kinds:
            head, known = word[:1], self._lengths.get(word[:1], ())
            self._lengths[head] = tuple(sorted({*known, len(word)}, reverse=True))

    def find(self, text: str) -> Iterator[Span]:
        """Leftmost, longest; words of an alphabet only as a whole."""
        folded, position = text.lower(), 0
        while position < len(folded):
            length = next((n for n in self._lengths.get(folded[position], ()) if self._at(folded, position, n)), 0)
            if length:
                yield Span(self._kinds[folded[position : position + length]], position, position + length)
            position += length or 1

    def _at(self, folded: str, start: int, length: int) -> bool:
        word = folded[start : start + length]
        return word in self._kinds and not (_joined(folded, start) or _joined(folded, start + length))


def _joined(text: str, position: int) -> bool:
    """Whether a cut at `position` goes through a word of an alphabet."""
    around = text[max(position - 1, 0) : position + 1]
    return 0 < position < len(text) and around.isascii() and around.isalnum()
