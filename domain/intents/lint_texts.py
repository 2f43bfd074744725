"""Rules about what is said: examples, outcomes, templates, and the numbers that steer them."""

import re
from collections.abc import Iterator

from domain.intents.annotated import read_example
from domain.intents.catalogue import Catalogue
from domain.intents.intent import Function
from domain.intents.normalise import canonical
from domain.intents.problem import Problem
from domain.names import FunctionName
from domain.slots.slot import OneOrMore

_Path = tuple[str | int, ...]
_TEMPLATE = re.compile(r"(?:[^{}]|\{[^{}\s]+\})*")
_VARIABLE = re.compile(r"\{([^{}\s]+)\}")
_TIMEOUT = re.compile(r"(?=.*[1-9])[0-9]+(?:\.[0-9]+)?m?s", re.ASCII)
_URL = re.compile(r"(?:https?://|\$\{\w+\})(?:[^\s${}]|\$\{\w+\})*", re.ASCII)


def unreachable_intents(catalogue: Catalogue) -> Iterator[Problem]:
    """There are intents, and every one has examples that lead to it."""
    if not catalogue.intents:
        yield Problem(("intents",), "the catalogue declares no intent")
    for name, intent in catalogue.intents.items():
        if not intent.examples:
            yield Problem(("intents", name), f"intent {name!r} is unreachable: it has no examples")
        for index, source in enumerate(intent.examples):
            if not re.search(r"\w", read_example(source).text):
                yield Problem(("intents", name, "examples", index), "an example without a word")


def pointless_intents(catalogue: Catalogue) -> Iterator[Problem]:
    """Every intent comes to something."""
    for name, intent in catalogue.intents.items():
        if intent.function is None and not intent.response and not intent.hand_off:
            hint = "give it a `function`, a `response` or `hand_off: true`"
            yield Problem(("intents", name), f"intent {name!r} does nothing in the end", hint)


def shared_examples(catalogue: Catalogue) -> Iterator[Problem]:
    """The same words never stand for two intents, nor for an intent and an ambiguity."""
    seen: dict[str, _Path] = {}
    for path, text in _examples(catalogue):
        first = seen.setdefault(canonical(text), path)
        if first[:2] != path[:2]:
            what = "ambiguity" if first[0] == "ambiguities" else "intent"
            hint = "move it to an ambiguity that offers both, or delete one"
            yield Problem(path, f"example {text!r} also belongs to {what} {first[1]!r}", hint)


def contradictory_examples(catalogue: Catalogue) -> Iterator[Problem]:
    """A counter-example of an intent is not its example."""
    for name, intent in catalogue.intents.items():
        own = {canonical(read_example(source).text) for source in intent.examples}
        for index, text in enumerate(intent.counter_examples):
            if canonical(read_example(text).text) in own:
                path = ("intents", name, "counter_examples", index)
                yield Problem(path, f"{text!r} is both an example and a counter-example")


def _examples(catalogue: Catalogue) -> Iterator[tuple[_Path, str]]:
    for name, intent in catalogue.intents.items():
        for index, source in enumerate(intent.examples):
            yield ("intents", name, "examples", index), read_example(source).text
    for key, ambiguity in catalogue.ambiguities.items():
        for index, source in enumerate(ambiguity.examples):
            yield ("ambiguities", key, "examples", index), read_example(source).text


def bad_functions(catalogue: Catalogue) -> Iterator[Problem]:
    """A function's address, timeout and retries can be used."""
    for name, function in catalogue.functions.items():
        path = ("functions", name)
        if not _URL.fullmatch(function.url):
            hint = "write https://host/path or ${VARIABLE}/path"
            yield Problem((*path, "url"), f"{function.url!r} is no URL", hint)
        if not _TIMEOUT.fullmatch(function.timeout):
            yield Problem((*path, "timeout"), f"{function.timeout!r} is no duration", "write it like 30s or 500ms")
        if function.retries < 0:
            yield Problem((*path, "retries"), "retries cannot be negative")


def malformed_templates(catalogue: Catalogue) -> Iterator[Problem]:
    """Every brace in a text belongs to a `{variable}`."""
    for path, texts in _templates(catalogue):
        for index, text in enumerate(_each(texts)):
            if not _TEMPLATE.fullmatch(text):
                place = path if isinstance(texts, str) else (*path, index)
                yield Problem(place, f"malformed template {text!r}", "braces enclose one name: {name}")


def _templates(catalogue: Catalogue) -> Iterator[tuple[_Path, OneOrMore]]:
    for name, function in catalogue.functions.items():
        yield ("functions", name, "success"), function.success
        yield ("functions", name, "failure"), function.failure
    for intent_name, intent in catalogue.intents.items():
        yield ("intents", intent_name, "response"), intent.response
    for key, texts in catalogue.responses.items():
        yield ("responses", key), texts


def _each(texts: OneOrMore) -> tuple[str, ...]:
    return (texts,) if isinstance(texts, str) else texts


def revealing_templates(catalogue: Catalogue) -> Iterator[Problem]:
    """The text of a success repeats no sensitive value.

    The slot's value would be masked, but a field of that name in the API's answer takes its place and is not.
    """
    for name, function in catalogue.functions.items():
        secrets = _secrets(name, function, catalogue)
        for text in _each(function.success):
            for variable in sorted(secrets.intersection(_VARIABLE.findall(text))):
                hint = "say it without, or with a field of the result"
                yield Problem(("functions", name, "success"), f"{{{variable}}} is sensitive", hint)


def _secrets(name: FunctionName, function: Function, catalogue: Catalogue) -> set[str]:
    """Sensitive slots of the intents that call the function, and the arguments that carry them."""
    callers = (intent for intent in catalogue.intents.values() if intent.function == name)
    slots = ((slot, declared) for intent in callers for slot, declared in intent.slots.items())
    secret = {slot for slot, declared in slots if catalogue.is_sensitive(declared)}
    return {*secret, *(argument for argument, slot in function.arguments.items() if slot in secret)}


def bad_numbers(catalogue: Catalogue) -> Iterator[Problem]:
    """Thresholds are probabilities, and limits leave something to do."""
    policies = catalogue.policies
    shares: list[tuple[_Path, float | None]] = [
        (("policies", "accept"), policies.accept),
        (("policies", "ambiguous"), policies.ambiguous),
        (("policies", "margin"), policies.margin),
    ]
    shares += [(("intents", name, "threshold"), intent.threshold) for name, intent in catalogue.intents.items()]
    for path, share in shares:
        if share is not None and not 0 <= share <= 1:
            yield Problem(path, f"{share} is no probability", "it lies between 0 and 1")
    lowest = {"choices": 2, "reprompts": 1, "unknowns": 1, "suspended": 0, "idle_minutes": 1}
    for key, least in lowest.items():
        if getattr(policies, key) < least:
            yield Problem(("policies", key), f"{key} is {least} at least")
