"""The shape of an ICP file: every key, its kind and its bounds. The published JSON Schema is made from it."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from panout.icp.rules.profile import Audience, Channel, Role, Scope
from panout.kernel.signals import Level

SCHEMA_ADDRESS = "docs/schema/icp.schema.json"

# Beyond a thousand points a weight is a typing error: all the others together would no longer count.
_Weight = Annotated[float, Field(ge=-1000, le=1000, allow_inf_nan=False)]
_Points = Annotated[float, Field(gt=0, le=100, allow_inf_nan=False)]
# Below 100: one signal must leave room for a second.
_Weighed = Annotated[float, Field(gt=0, le=99, allow_inf_nan=False)]
_Days = Annotated[float, Field(ge=0.25, le=3650, allow_inf_nan=False)]
_Text = Annotated[str, Field(min_length=1, max_length=2000)]
_Name = Annotated[str, Field(min_length=1, max_length=120)]
_Type = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
# The language for "who" reads longer texts, but no ICP needs a list of ten thousand domains.
_Criterion = Annotated[
    str,
    Field(
        min_length=1,
        max_length=20_000,
        description="A criterion in the language for who: employees between 50 and 500",
    ),
]


# A fixed choice is written as its word.
_About = Annotated[Scope, Field(strict=False)]
_Audience = Annotated[Audience, Field(strict=False)]
_Channel = Annotated[Channel, Field(strict=False)]
_Level = Annotated[Level, Field(strict=False)]
_Role = Annotated[Role, Field(strict=False)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class FitRule(_Part):
    """Who fits: a criterion and what it is worth."""

    rule: _Criterion
    weight: _Weight = Field(description="Points where it holds; negative where it speaks against.")
    required: bool = Field(
        default=False, description="Must hold: false disqualifies, unknown keeps the lead a lead."
    )
    name: _Name | None = Field(
        default=None, description="A short name for reports; by default the rule itself."
    )
    about: _About | None = Field(
        default=None,
        description="Whom to ask; by default the person where the rule speaks of a person, else the company.",
    )


class DisqualifierRule(_Part):
    """Who is out, and why."""

    rule: _Criterion
    reason: _Text
    name: _Name | None = None
    about: _About | None = None


class EvidenceRule(_Part):
    """What betrays a problem."""

    rule: _Criterion
    weight: _Weight = Field(description="Points of 100 that it adds to the intensity of pain.")
    name: _Name | None = None
    about: _About | None = None


class ProblemEntry(_Part):
    """A problem that we solve, the outcome, and how we know who has it."""

    name: _Name
    pain: _Text
    outcome: _Text
    proof: _Text | None = Field(default=None, description="A peer, a figure, an integration.")
    roles: list[_Name] = Field(default=[], max_length=20, description="Names of the roles that feel it.")
    evidence: list[EvidenceRule] = Field(default=[], max_length=100)


class RoleEntry(_Part):
    """A place in the purchase, and who holds it: by words of the title, or by seniority and department."""

    role: _Role
    name: _Name | None = Field(
        default=None, description="By default the role; needed where two share one role."
    )
    titles: list[_Name] = Field(default=[], max_length=200, description="Whole words of a job title.")
    seniority: list[_Name] = Field(default=[], max_length=20)
    department: list[_Name] = Field(default=[], max_length=20)
    cover: bool = Field(default=False, description="Every account must have somebody for it.")


class SignalEntry(_Part):
    """A signal that matters, how much, and for how long."""

    type: _Type
    level: _Level | None = Field(default=None, description="By default the type's own.")
    weight: _Weighed = Field(description="Points of one signal of full strength today.")
    half_life: _Days | None = Field(
        default=None, description="Days in which it loses half; by default the type's."
    )
    cap: _Points | None = Field(
        default=None,
        description="What any number of them comes near to: more than the weight, by default twice.",
    )
    fresh: Annotated[int, Field(ge=0, le=3650)] | None = Field(
        default=None, description="Days in which it opens the gate; by default the gate's fresh_days."
    )
    why: _Text | None = Field(default=None, description="How to say it: 'is hiring data engineers'.")


class OtherSignals(_Part):
    """What signals of a type that is not listed are worth."""

    weight: _Weighed
    half_life: _Days = 30.0
    cap: _Points | None = None
    fresh: Annotated[int, Field(ge=0, le=3650)] | None = None


class GateEntry(_Part):
    """What makes a lead a prospect."""

    fit: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 60.0
    fresh_days: Annotated[int, Field(ge=0, le=3650)] = 30
    credible: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)] = 0.5


class EmphasisEntry(_Part):
    """How much each axis counts in the priority."""

    fit: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 35.0
    intensity: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 15.0
    timing: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 35.0
    team: Annotated[float, Field(ge=0, le=100, allow_inf_nan=False)] = 15.0


class ChannelEntry(_Part):
    """Which channel opens, and which follow."""

    roles: list[_Name] = Field(
        default=[], max_length=20, description="For whom; nobody named: for everybody."
    )
    when: _Criterion | None = None
    first: _Channel
    then: list[_Channel] = Field(default=[], max_length=7)
    why: _Text | None = None


class Owners(_Part):
    """The two people who keep the profile together."""

    ae: _Name = Field(description="The account executive.")
    sdr: _Name = Field(description="The sales development representative.")


class ChangeEntry(_Part):
    """One line of history."""

    version: Annotated[int, Field(ge=1)]
    on: date = Field(strict=False)
    by: _Name
    why: _Text


class IcpFile(_Part):
    """An ideal customer profile."""

    name: _Name
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    owners: Owners
    review: date = Field(strict=False, description="When it is looked at again: monthly is a good habit.")
    audience: _Audience = Audience.COMPANIES
    fit: Annotated[list[FitRule], Field(min_length=1, max_length=200)]
    disqualifiers: list[DisqualifierRule] = Field(default=[], max_length=200)
    problems: list[ProblemEntry] = Field(default=[], max_length=50)
    roles: list[RoleEntry] = Field(default=[], max_length=20)
    signals: list[SignalEntry] = Field(default=[], max_length=60)
    other_signals: OtherSignals | None = None
    gate: GateEntry = GateEntry()
    emphasis: EmphasisEntry = EmphasisEntry()
    channels: list[ChannelEntry] = Field(default=[], max_length=50)
    changes: list[ChangeEntry] = Field(default=[], max_length=1000)


def schema_text() -> str:
    """The JSON Schema (2020-12) by which editors complete and check an ICP file."""
    schema = IcpFile.model_json_schema()
    return json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}, indent=2) + "\n"
