"""A migration that is carried out at once: its models are rendered one time, not anew for each operation.

Django renders what an operation touches, and all that is linked to it, after every operation. Nearly everything
here is linked to people, companies and users, so that a fresh database spent nine tenths of its first start on that.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from django.contrib.postgres.operations import CreateExtension
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

_OF_A_MODEL = (
    migrations.AddField,
    migrations.AlterField,
    migrations.RemoveField,
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
        for simple, operations in groupby(self.operations, key=_is_simple):
            if simple:
                self._together(tuple(operations), project_state, schema_editor)
            else:
                for operation in operations:
                    self._alone(operation, project_state, schema_editor)
        return project_state

    def _alone(
        self, operation: Operation, state: ProjectState, schema_editor: BaseDatabaseSchemaEditor
    ) -> None:
        before = state.clone()
        operation.state_forwards(self.app_label, state)
        operation.database_forwards(self.app_label, schema_editor, before, state)

    def _together(
        self, operations: Sequence[Operation], state: ProjectState, schema_editor: BaseDatabaseSchemaEditor
    ) -> None:
        before = state.clone()
        rendered = state.__dict__.pop("apps", None)
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


def _is_simple(operation: Operation) -> bool:
    if isinstance(operation, migrations.RunSQL):
        return not operation.state_operations
    return isinstance(operation, (migrations.CreateModel, CreateExtension, *_OF_A_MODEL))


def _model(operation: Operation) -> str:
    """The model that an operation is about, in small letters; "" for none."""
    if isinstance(operation, migrations.CreateModel):
        return str(operation.name).lower()
    return str(operation.model_name).lower() if isinstance(operation, _OF_A_MODEL) else ""
