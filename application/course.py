"""How a turn gets on."""

from application.budget import Budget
from application.progress import UNSEEN, Progress
from domain.dialogue.conversation import Turn


class Course:
    """The time that a turn has, who watches it, and how far it has come.

    `saving` is set from the first attempt to save it, `record` is the turn as it was saved last. `given_up` is set
    when its caller was told that it came to nothing: from then on it must not change the outside world.
    """

    def __init__(self, budget: Budget, progress: Progress = UNSEEN) -> None:
        self.budget = budget
        self.progress = progress
        self.saving = False
        self.record: Turn | None = None
        self.given_up = False

    def begin_again(self) -> None:
        """Nothing of it is stored. What was seen of it is not shown twice."""
        self.saving = False
        self.progress = UNSEEN
