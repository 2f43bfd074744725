"""What `--help` teaches, each text with examples.

Each has a line beyond its first that is not indented: Typer takes away the indentation that all but the first share.
"""

from typing import Final

PROGRAM: Final = """\
Huiyi grasps what your users mean: intents, slots, conversations, and functions called exactly once.

Begin here:
  huiyi demo                      the service with a demo business behind it
  huiyi chat --demo               the same, in this terminal
  huiyi catalogue check my.yaml   is my catalogue right?
  huiyi doctor                    is my installation right?

Every command explains itself: huiyi COMMAND --help
"""

SERVE: Final = """\
Serve the HTTP API until Ctrl-C or SIGTERM.

Settings come from the environment, or from a file with --env-file; options win over both.
An address that other machines can reach is refused while no API keys are set.

Examples:
  huiyi serve
  huiyi serve --port 9000
  huiyi serve --env-file production.env --host 0.0.0.0
"""

DEMO: Final = """\
Serve the demo: the service and, beside it, a business API for its functions to call. Nothing to configure.

Examples:
  huiyi demo
  huiyi demo --port 9000 --language en

Then, in another terminal:
  huiyi chat --url http://127.0.0.1:8000
"""

CHAT: Final = """\
Converse in the terminal. Each reply shows what was made of the message: intent, confidence, tier, slots.

In the conversation:
  /why      why the last answer came out as it did
  /slots    the slots of the task in hand
  /new      begin a new conversation
  /help     list the commands
  /quit     leave; so do Ctrl-D and Ctrl-C

Examples:
  huiyi chat --demo
  huiyi chat --catalogue my.yaml
  huiyi chat --url https://dialogue.example.com --api-key @key.txt
  printf '订机票\\n从北京到上海\\n/slots\\n' | huiyi chat --demo

From a pipe nothing is decorated, and the exit code is 1 when a line could not be answered.
"""

CATALOGUE: Final = "Work on catalogues: the files that declare intents, slots and functions."

CHECK: Final = """\
Check catalogue files completely and print every problem as file:line: message.

Examples:
  huiyi catalogue check my.yaml
  huiyi catalogue check catalogues/*.yaml

The exit code is 1 when there is any problem.
"""

DOCTOR: Final = """\
Ask every configured part how it is, and say what to do about those that are not well.

Examples:
  huiyi doctor
  huiyi doctor --env-file production.env

The exit code is 1 when a part is down that nothing works without.
"""

DB: Final = """\
Look after the tables of the database. A start brings them up to date by itself; these are for doing it by hand.

Examples:
  huiyi db status
  huiyi db upgrade --env-file production.env

Every command explains itself: huiyi db COMMAND --help
"""

DB_STATUS: Final = """\
Show which database the settings name, the revision of its tables, that of this release, and what to do.

Examples:
  huiyi db status
  huiyi db status --env-file production.env

The exit code is 1 when the tables are not those of this release.
"""

DB_UPGRADE: Final = """\
Run the migrations that are missing. Other processes that want to do the same wait, and find it done.

Examples:
  huiyi db upgrade
  huiyi db upgrade --env-file production.env

Make a backup first, and upgrade before the new release starts if its start should not take long.
"""

DB_DOWNGRADE: Final = """\
Take the tables back to an earlier revision, to run an earlier release on them. What only later tables hold is lost.

Stop every service and make a backup first: a service of this release brings the tables up to date when it starts.

Examples:
  huiyi db downgrade --yes          by one revision
  huiyi db downgrade 0001 --yes     back to that one
  huiyi db downgrade base --yes     no tables: everything is gone
"""
