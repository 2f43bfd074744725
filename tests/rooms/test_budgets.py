"""How long things may get before they are two things. Complexity is ruff's to judge."""

from tests.rooms.sources import MIGRATIONS, ROOMS, functions, modules

MOST_LINES = 300
MOST_LINES_OF_A_FUNCTION = 40


def test_no_module_is_longer_than_it_can_be_read_at_once():
    long = [
        f"{module.path}: {lines} lines, {MOST_LINES} at most; find the two things it does and give each its file"
        for module in modules(*ROOMS, "deploy")
        if (lines := len(module.text.splitlines())) > MOST_LINES and not module.path.is_relative_to(MIGRATIONS)
    ]

    assert not long, "\n".join(long)


def test_no_function_is_longer_than_a_screen():
    long = [
        f"{module.at(node)}: {node.name} has {lines} lines, {MOST_LINES_OF_A_FUNCTION} at most; name its parts"
        for module in modules(*ROOMS, "deploy")
        for node in functions(module)
        if (lines := (node.end_lineno or node.lineno) - node.lineno + 1) > MOST_LINES_OF_A_FUNCTION
        and not module.path.is_relative_to(MIGRATIONS)
    ]

    assert not long, "\n".join(long)
