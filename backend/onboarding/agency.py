"""An agency that brings its own people, desks and policy into a partnership. Pure but for the reading of its files."""

from importlib import resources
from typing import Final, Self

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator

from backend.onboarding.archetype import AgencyPlan, DirectoryPlan, PersonPlan
from backend.pathways.definitions.faults import Fault, Faulty, choose
from backend.pathways.definitions.library import document
from backend.pathways.definitions.reading import grammar_faults
from backend.thresholds.files import of_archetype
from tenants.thresholds.continuum import Continuum

FILE: Final = "agency.yaml"


class AgencyArchetype(BaseModel):
    """A whole agency. Everybody in it is the agency's own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    agency: AgencyPlan
    people: tuple[PersonPlan, ...]
    directory: tuple[DirectoryPlan, ...] = ()
    thresholds: tuple[Continuum, ...] = ()

    @property
    def agencies(self) -> tuple[AgencyPlan, ...]:
        return (self.agency,)

    @model_validator(mode="after")
    def _is_its_own(self) -> Self:
        for one in self.people:
            if one.agency != self.agency.code:
                message = f"{one.code} is of {one.agency}; name people of {self.agency.code} alone"
                raise ValueError(message)
        for continuum in self.thresholds:
            if continuum.scheme != self.agency.code:
                message = f"the threshold document is of {continuum.scheme}; set its scheme to {self.agency.code}"
                raise ValueError(message)
        return self


def names() -> list[str]:
    """The agencies that are shipped."""
    folders = resources.files("tenants.archetypes").iterdir()
    return sorted(one.name for one in folders if one.is_dir() and (one / FILE).is_file())


def load(name: str) -> AgencyArchetype:
    """A shipped agency. Raises ``Faulty`` with each fault by its line."""
    if name not in names():
        raise Faulty([Fault("tenants/archetypes", 1, f"there is no agency {name}", choose(name, names()))])
    found = document(resources.files("tenants.archetypes") / name / FILE)
    policy = of_archetype(name)
    thresholds = (policy,) if policy is not None else ()
    try:
        return AgencyArchetype.model_validate({**found.data, "thresholds": thresholds})
    except ValidationError as error:
        raise Faulty(grammar_faults(error, AgencyArchetype, found)) from error
