"""A process with the real Duckling engine: a line of JSON in, a line of JSON out.

It knows nothing of the project, so that what speaks to it over HTTP is checked against the engine alone.
"""

import json
import sys
import time

import duckling.duckling as engine

ZONES = "/usr/share/zoneinfo/"
LANGUAGES = {"EN", "ZH"}
EVERYWHERE = ["amount-of-money", "credit-card-number", "email", "number", "phone-number", "url"]
CHINESE = [*EVERYWHERE, "distance", "duration", "ordinal", "quantity", "temperature", "time"]
BY_LANGUAGE = {"ZH": CHINESE, "EN": [*CHINESE, "volume"]}
NAMES = {*BY_LANGUAGE["EN"], "time-grain"}


def language_of(fields):
    """By `lang` alone, English where that is none."""
    named = fields.get("lang", "").upper()
    return named if named in LANGUAGES else "EN"


def locale_of(fields):
    """By `locale`; one without exactly one underscore, or of no known language, is English without a word."""
    if "locale" not in fields:
        return engine.default_locale_lang(engine.parse_lang(language_of(fields)))
    language, _, region = fields["locale"].upper().partition("_")
    if language not in LANGUAGES or not region or "_" in region:
        return engine.default_locale_lang(engine.parse_lang("EN"))
    return engine.parse_locale(f"{language}_{region}", engine.default_locale_lang(engine.parse_lang(language)))


def dims_of(fields):
    """Those named and known; all of the language where none is named."""
    try:
        named = json.loads(fields.get("dims", "").replace("\\", "").removeprefix('"').removesuffix('"'))
    except ValueError:
        named = None
    known = [name for name in named if name in NAMES] if isinstance(named, list) else []
    return known or BY_LANGUAGE[language_of(fields)]


def entities_in(fields, zones):
    milliseconds = int(fields["reftime"]) if "reftime" in fields else int(time.time() * 1000)
    reference = engine.parse_ref_time(zones, fields.get("tz", "America/Los_Angeles"), milliseconds // 1000)
    context = engine.Context(reference, locale_of(fields))
    latent = fields.get("latent", "").lower() == "true"
    text = fields["text"].replace("\x00", " ")
    raw = engine.parse_text(text, context, engine.parse_dimensions(dims_of(fields)), latent)
    return json.loads(raw.encode("latin-1").decode("utf-8"))


def main():
    engine.init()
    zones = engine.load_time_zones(ZONES)
    say("ready")
    for line in sys.stdin:
        say(json.dumps(entities_in(json.loads(line), zones), ensure_ascii=False))


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
