"""What every module of ours must look like, as rules from a parsed module to complaints."""

import ast
import io
import re
import sys
import tokenize
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

PACKAGES = ("bot", "commands", "domain", "integrations", "jobs", "prompts", "storage", "web")

MAX_FILE_LINES = 400
MAX_FUNCTION_LINES = 40
MAX_ARGUMENTS = 5

# Where anything may go wrong and the rest must go on: the job, the chat event, the request.
MAY_CATCH_ALL = ("bot/worker.py", "integrations/chat/edge.py", "web/edge.py")
# Where the clock, ids and randomness enter; everybody else is handed them.
MAY_READ_CLOCK = ("bot/wiring.py", "bot/logs.py")
MAY_READ_ENVIRONMENT = ("bot/settings.py",)
# A revision lists the columns of its tables, one to a line.
MAY_BE_LONG = "storage/migrations/versions/"

DOMAIN_MAY_IMPORT = {"cronsim", "domain", "numpy", "pydantic", "pydantic_core"}
OUTSIDE_WORLD = {
    "asyncio", "http", "logging", "os", "pathlib", "random", "secrets", "shutil", "socket",
    "sqlite3", "ssl", "subprocess", "tempfile", "threading", "time", "urllib.request",
}  # fmt: skip
AMBIENT = re.compile(
    r"(datetime\.)?datetime\.(now|utcnow|today)|(datetime\.)?date\.today"
    r"|time\.time(_ns)?|uuid\.uuid[14]|random(\.(?!Random$)\w+)?"
)
EMPTY_WORDS = {"helper", "helpers", "manager", "managers", "util", "utils"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Module:
    """One parsed file; ``path`` is relative to the repository, with slashes."""

    path: str
    source: str
    tree: ast.Module

    @classmethod
    def of(cls, path: str, source: str) -> "Module":
        return cls(path, source, ast.parse(source))

    def functions(self) -> Iterator[Function]:
        return (node for node in ast.walk(self.tree) if isinstance(node, Function))


Rule = Callable[[Module], Iterable[str]]


def read_modules(root: Path) -> list[Module]:
    """Every module of our packages below ``root``."""
    paths = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    return [Module.of(path.relative_to(root).as_posix(), path.read_text()) for path in paths]


def complaints(rule: Rule, modules: Iterable[Module]) -> list[str]:
    """What ``rule`` finds, each as ``path: complaint``."""
    return [f"{module.path}: {found}" for module in modules for found in rule(module)]


# --- the rules


def short_files(module: Module) -> Iterator[str]:
    lines = len(module.source.splitlines())
    if lines > MAX_FILE_LINES:
        yield f"{lines} lines, at most {MAX_FILE_LINES}"


def short_functions(module: Module) -> Iterator[str]:
    if module.path.startswith(MAY_BE_LONG):
        return
    for function, lines in function_lengths(module):
        if lines > MAX_FUNCTION_LINES:
            yield f"{function} has {lines} lines, at most {MAX_FUNCTION_LINES}"


def few_arguments(module: Module) -> Iterator[str]:
    for function in module.functions():
        given = function.args
        named = [*given.posonlyargs, *given.args, *given.kwonlyargs]
        count = sum(argument.arg not in ("self", "cls") for argument in named)
        if count > MAX_ARGUMENTS:
            yield f"{function.name} takes {count} arguments, at most {MAX_ARGUMENTS}"


def named_exceptions(module: Module) -> Iterator[str]:
    if module.path in MAY_CATCH_ALL:
        return
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ExceptHandler) and _catches_all(node):
            yield f"line {node.lineno} catches everything"


def injected_clock(module: Module) -> Iterator[str]:
    if module.path in MAY_READ_CLOCK:
        return
    for name in _names_used(module):
        if AMBIENT.fullmatch(name):
            yield f"uses {name}; take it as an argument"


def injected_environment(module: Module) -> Iterator[str]:
    if module.path in MAY_READ_ENVIRONMENT:
        return
    for name in _names_used(module):
        if name in ("os.environ", "os.environb", "os.getenv"):
            yield f"reads {name}; settings are handed in"


def telling_names(module: Module) -> Iterator[str]:
    for name in [*PurePosixPath(module.path).with_suffix("").parts, *_public_names(module)]:
        if EMPTY_WORDS & set(_words(name)):
            yield f"{name} says nothing; name what it does"
        if name == "process":
            yield "process says nothing; name what it does"


def pure_domain(module: Module) -> Iterator[str]:
    if not module.path.startswith("domain/"):
        return
    for name in _imports(module):
        top = name.partition(".")[0]
        known = top in DOMAIN_MAY_IMPORT or top in sys.stdlib_module_names
        if not known or {name, top} & OUTSIDE_WORLD:
            yield f"imports {name}; the domain knows only values"


RULES: tuple[Rule, ...] = (
    short_files,
    short_functions,
    few_arguments,
    named_exceptions,
    injected_clock,
    injected_environment,
    telling_names,
    pure_domain,
)

# --- how they see


def function_lengths(module: Module) -> Iterator[tuple[str, int]]:
    """Each function's name with the lines of its body that hold code.

    Blank lines, comments and the docstring are not code; a nested function is part of the outer.
    """
    code = _code_lines(module.source)
    for function in module.functions():
        body = function.body[1:] if ast.get_docstring(function) else function.body
        lines = range(body[0].lineno, body[-1].end_lineno or 0) if body else range(0)
        yield function.name, len(code.intersection([*lines, lines.stop] if body else []))


def _code_lines(source: str) -> set[int]:
    silent = {
        tokenize.COMMENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.INDENT,
        tokenize.NEWLINE, tokenize.NL,
    }  # fmt: skip
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    spans = [(token.start[0], token.end[0]) for token in tokens if token.type not in silent]
    return {line for first, last in spans for line in range(first, last + 1)}


def _catches_all(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(one) in ("Exception", "BaseException") for one in caught)


def _names_used(module: Module) -> Iterator[str]:
    """Dotted names as they are written or imported: `os.environ` for `from os import environ`."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Attribute):
            yield ast.unparse(node)
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _public_names(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef | Function) and not node.name.startswith("_"):
            yield node.name


def _words(name: str) -> list[str]:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_")


def _imports(module: Module) -> Iterator[str]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            yield node.module or "."
