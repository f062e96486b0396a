"""A migration that is carried out at once: its models are rendered one time, not anew for each operation.

Django renders what an operation touches, and all that is linked to it, after every operation. Nearly everything
here is linked to people, companies and users, so that a fresh database spent nine tenths of its first start on that.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_OF_A_COLUMN = (migrations.AddField, migrations.AlterField, migrations.RemoveField)
_OF_A_MODEL = (
    *_OF_A_COLUMN,
    migrations.AddIndex,
    migrations.RemoveIndex,
    migrations.AddConstraint,
    migrations.RemoveConstraint,
)


class AtOnce(migrations.Migration):
    """A table is made as it is in the end, with all that the operations after it add, and other changes follow.

    What needs the state as it stands (code, renaming) is done in its place, one at a time: it parts what is before
    it from what is after. Names, order and SQL of a migration stay as they are; so does what it leaves behind.
    """

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        if collect_sql or not self.atomic:
            return super().apply(project_state, schema_editor, collect_sql)
        for operations in _parts(self.operations):
            self._together(operations, project_state, schema_editor)
        return project_state

    def _together(
        self, operations: Sequence[Operation], state: ProjectState, schema_editor: BaseDatabaseSchemaEditor
    ) -> None:
        before = state.clone()
        # One alone renders as it likes: a renaming takes the old name out of what is rendered.
        rendered = state.__dict__.pop("apps", None) if len(operations) > 1 else None
        for operation in operations:
            operation.state_forwards(self.app_label, state)
        if rendered is not None:
            state.__dict__["apps"] = rendered
            touched = [(self.app_label, name) for name in set(map(_model, operations)) if name]
            state.reload_models(touched, delay=False)
        made: set[str] = set()
        for operation in operations:
            if isinstance(operation, migrations.CreateModel):
                made.add(_model(operation))
            elif _model(operation) in made:
                continue  # the table was made with it
            operation.database_forwards(self.app_label, schema_editor, before, state)


def _parts(operations: Sequence[Operation]) -> Iterator[list[Operation]]:
    """What can be done together. Code and SQL stand alone, and a column of an older table is changed once in a part:
    rows are filled between an addition and what is demanded of it."""
    part: list[Operation] = []
    made: set[str] = set()
    columns: set[tuple[str, str]] = set()
    for operation in operations:
        model, column = _model(operation), _column(operation)
        alone = not isinstance(operation, (migrations.CreateModel, CreateExtension, *_OF_A_MODEL))
        again = bool(column) and model not in made and (model, column) in columns
        if part and (alone or again):
            yield part
            part, made, columns = [], set(), set()
        if alone:
            yield [operation]
            continue
        part.append(operation)
        if isinstance(operation, migrations.CreateModel):
            made.add(model)
        columns.add((model, column))
    if part:
        yield part


def _column(operation: Operation) -> str:
    return str(operation.name).lower() if isinstance(operation, _OF_A_COLUMN) else ""


def _model(operation: Operation) -> str:
    """The model that an operation is about, in small letters; "" for none."""
    if isinstance(operation, migrations.CreateModel):
        return str(operation.name).lower()
    return str(operation.model_name).lower() if isinstance(operation, _OF_A_MODEL) else ""
