"""A conversation at the terminal."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from typing import BinaryIO

from adapters.cli.conversing import Interlocutor, ShownTurn
from adapters.cli.lines import is_typed, piped_lines, typed_lines
from adapters.cli.loop_thread import LoopThread, beside
from adapters.cli.rendering import View, console
from adapters.cli.wording import Wording, wording_for
from domain.errors import HuiyiError
from domain.intents.normalise import LONGEST, clean


class Chat:
    """Takes lines, shows answers. Nothing that goes wrong with a message ends the conversation."""

    def __init__(
        self, partner: LoopThread[Interlocutor], *, view: View, wording: Wording, complain: Callable[[str], None]
    ) -> None:
        self._partner = partner
        self._view = view
        self._wording = wording
        self._complain = complain
        self._session: str | None = None
        self._last: ShownTurn | None = None
        self._commands: Mapping[str, Callable[[], None]] = {
            "/why": self._why, "/slots": self._slots, "/new": self._new, "/help": view.help,
        }  # fmt: skip

    def run(self, lines: Iterable[str]) -> bool:
        """Converse until the lines end or one says /quit. True when everything was answered."""
        answered = True
        for line in lines:
            said = clean(line)
            if said.casefold() in ("/quit", "/exit"):
                break
            if said:
                answered &= self._attempt(said, line)
        return answered

    def _attempt(self, said: str, line: str) -> bool:
        try:
            if said.startswith("/"):
                return self._command(said)
            return self._say(said, line)
        except HuiyiError as error:
            return self._refuse(error.message)

    def _command(self, said: str) -> bool:
        command = self._commands.get(said.casefold())
        if command is None:
            return self._refuse(self._wording.unknown_command.format(command=said))
        command()
        return True

    def _say(self, said: str, line: str) -> bool:
        if len(line.strip()) > LONGEST:
            return self._refuse(self._wording.too_long.format(limit=LONGEST))
        self._last = self._partner.run(self._partner.value.say(said, self._session))
        self._session = self._last.session_id
        self._view.answer(self._last)
        return True

    def _refuse(self, message: str) -> bool:
        self._complain(message)
        return False

    def _why(self) -> None:
        if self._last is None:
            self._view.note(self._wording.nothing_yet)
            return
        self._view.why(self._partner.run(self._partner.value.why(self._last.session_id, self._last.turn)))

    def _slots(self) -> None:
        if self._last is None:
            self._view.note(self._wording.nothing_yet)
            return
        self._view.slots(self._last)

    def _new(self) -> None:
        self._session = self._last = None
        self._view.note(self._wording.new_conversation)


def hold_chat(
    partner: AbstractAsyncContextManager[Interlocutor],
    *,
    language: str | None,
    stdin: BinaryIO,
    complain: Callable[[str], None],
) -> bool:
    """Converse with `partner` until the user leaves, by whatever key. True when everything was answered.

    Raises HuiyiError when the conversation cannot begin.
    """
    typed, out = is_typed(), console()
    try:
        with beside(partner) as running:
            wording = wording_for(language or running.value.language)
            view = View(out, wording)
            if typed:
                view.note(wording.greeting)
            chat = Chat(running, view=view, wording=wording, complain=complain)
            return chat.run(typed_lines(wording.prompt) if typed else piped_lines(stdin))
    except KeyboardInterrupt:
        # To a person this is a way to leave, at the prompt as well as while waiting for an answer.
        if not typed:
            raise
        out.print()
        return True
