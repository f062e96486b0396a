"""User-written templates: safe, bounded, and never sent with a hole in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, wraps

from liquid import BoundTemplate, Environment
from liquid.exceptions import LiquidError, ResourceLimitError, UndefinedError
from liquid.undefined import FalsyStrictUndefined

from panout.kernel.errors import BadInput

MAX_SOURCE = 20_000  # characters; a letter of four pages
MAX_OUTPUT = 40_000

Value = str | int | float | bool | None | list["Value"] | dict[str, "Value"]


class _Hole(FalsyStrictUndefined):
    """A missing value: false in a condition, replaced by `default`, an error when it would be printed."""

    force_liquid_default = True


MAX_UNCLOSED = 20
MAX_VALUE = 200_000  # characters of one value on its way through filters
MAX_ITEMS = 10_000
# They multiply two values: "replace each of 9,000 letters by 9,000 others", ten times over.
_MULTIPLY = frozenset({"replace", "replace_first", "replace_last", "join"})


def _measured(name: str, made: Callable[..., object]) -> Callable[..., object]:
    """A filter that refuses to make something huge: the library bounds what is printed, not what is made."""

    @wraps(made)
    def bounded(value: object, *given: object, **named: object) -> object:
        if name in _MULTIPLY and given:
            parts = len(value) if isinstance(value, str | list | tuple) else len(str(value))
            if (parts + 1) * (len(str(given[-1])) + 1) > 10 * MAX_VALUE:
                raise ResourceLimitError(f"'{name}' would make too long a text", token=None)
        result = made(value, *given, **named)
        if isinstance(result, str) and len(result) > MAX_VALUE:
            raise ResourceLimitError(f"'{name}' makes too long a text", token=None)
        if isinstance(result, list | tuple) and len(result) > MAX_ITEMS:
            raise ResourceLimitError(f"'{name}' makes too long a list", token=None)
        if isinstance(result, int) and not isinstance(result, bool) and abs(result) > 10**30:
            raise ResourceLimitError(f"'{name}' makes too large a number", token=None)
        return result

    return bounded


class _Bounded(Environment):
    """No template runs long, prints much or reaches past the values it was given."""

    loop_iteration_limit = 1_000
    output_stream_limit = MAX_OUTPUT
    local_namespace_limit = 50_000
    context_depth_limit = 8
    block_nesting_limit = 12

    def setup_tags_and_filters(self, *, extra: bool = False) -> None:
        """The standard set, without what reaches for other templates or files."""
        super().setup_tags_and_filters(extra=extra)
        for tag in ("include", "render", "extends", "block", "increment", "decrement", "tablerow"):
            self.tags.pop(tag, None)
        for name, made in tuple(self.filters.items()):
            self.filters[name] = _measured(name, made)


_ENVIRONMENT = _Bounded(undefined=_Hole)


class Unresolved(BadInput):
    """A variable without a value and without a fallback; `variable` is its name."""

    def __init__(self, variable: str, where: str) -> None:
        super().__init__(
            f"'{variable}' has no value",
            where=where,
            mend=f"Fill the field, or give a fallback: {{{{ {variable} | default: '...' }}}}.",
        )
        self.variable = variable


@dataclass(frozen=True, slots=True)
class Written:
    """A rendered message and the names of the variables its template speaks of."""

    subject: str
    body: str
    variables: frozenset[str]


@lru_cache(maxsize=512)
def _parsed(source: str) -> BoundTemplate:
    return _ENVIRONMENT.from_string(source)


# Thousands of people get the same few templates: each is read once. What is wrong is raised anew each time.
@lru_cache(maxsize=512)
def check(source: str, name: str) -> frozenset[str]:
    """The variables a template speaks of; raises BadInput with line and column when it cannot be used."""
    if len(source) > MAX_SOURCE:
        raise BadInput(f"{len(source):,} characters long", where=name, mend=f"Keep it under {MAX_SOURCE:,}.")
    opened = source.count("{{") + source.count("{%")
    if opened - source.count("}}") - source.count("%}") > MAX_UNCLOSED:
        # The library looks for the end of each anew, which takes the square of the length.
        raise BadInput("opens many tags that it never closes", where=name, mend="Close each with }} or %}.")
    try:
        template = _parsed(source)
        return frozenset(
            ".".join(str(part) for part in use.segments)
            for uses in template.analyze().globals.values()
            for use in uses
        )
    except LiquidError as error:
        raise _said_plainly(error, source, name) from error
    except RecursionError as error:
        raise BadInput("nested too deeply", where=name, mend="Use fewer levels.") from error


def render(source: str, values: Mapping[str, Value], name: str) -> str:
    """The text of a template for these values. Empty values count as missing.

    Raises Unresolved for a hole, BadInput for anything else that is wrong with the template.
    """
    check(source, name)
    try:
        return _parsed(source).render(**_present(values))
    except UndefinedError as error:
        raise Unresolved(_variable(error, source), f"{name}, {_place(error, source)}") from error
    except LiquidError as error:
        raise _said_plainly(error, source, name) from error


def write(subject: str, body: str, values: Mapping[str, Value], name: str) -> Written:
    """Subject and body by the one code that previews and sends. A subject is one line."""
    variables = check(subject, f"{name} subject") | check(body, name)
    line = " ".join(render(subject, values, f"{name} subject").split())
    text = "\n".join(part.rstrip() for part in render(body, values, name).strip().splitlines())
    return Written(line, text, variables)


def _present(values: Mapping[str, Value]) -> dict[str, Value]:
    return {
        key: _present(value) if isinstance(value, dict) else value
        for key, value in values.items()
        if value is not None and (not isinstance(value, str) or value.strip())
    }


def _variable(error: UndefinedError, source: str) -> str:
    if error.token is not None:
        rest = source[error.token.start_index :]
        name = "".join(_take_name(rest))
        if name:
            return name
    return str(error.args[0]).split("'")[1] if "'" in str(error.args[0]) else str(error.args[0])


def _take_name(text: str) -> list[str]:
    taken = []
    for letter in text:
        if not (letter.isalnum() or letter in "_.[]-"):
            break
        taken.append(letter)
    return taken


def _place(error: LiquidError, source: str) -> str:
    if error.token is None:
        return "line unknown"
    before = source[: error.token.start_index]
    return f"line {before.count(chr(10)) + 1}, column {len(before) - (before.rfind(chr(10)) + 1) + 1}"


def _said_plainly(error: LiquidError, source: str, name: str) -> BadInput:
    what = str(error.args[0]) if error.args else "cannot be read"
    mend = "Make the loop or the text shorter." if isinstance(error, ResourceLimitError) else "Mend the tag."
    return BadInput(what, where=f"{name}, {_place(error, source)}", mend=mend)
