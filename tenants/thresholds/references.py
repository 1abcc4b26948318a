"""What a continuum refers to is there, and nothing is named twice. Pure."""

from collections.abc import Iterable, Iterator, Sequence

from tenants.thresholds.continuum import Continuum, Criterion, Either, Nature, Recorded, Subject

Path = tuple[str | int, ...]
Finding = tuple[Path, str, str]
"""Where it stands, what is wrong, and what to do."""


def findings(one: Continuum) -> Iterator[Finding]:
    """Every fault that the grammar alone cannot see."""
    for name, codes in (
        ("levels", [item.code for item in one.levels]), ("domains", [item.code for item in one.domains]),
        ("indicators", [item.code for item in one.indicators]), ("criteria", [item.code for item in one.criteria]),
    ):  # fmt: skip
        yield from _twice(name, codes)
    domains = {item.code for item in one.domains}
    for number, indicator in enumerate(one.indicators):
        if indicator.domain not in domains:
            place = ("indicators", number, "domain")
            yield place, f"there is no domain {indicator.domain}", _choose(domains)
    known = {item.code for item in one.indicators}
    for number, level in enumerate(one.levels):
        for at, code in enumerate(level.step_up.unless if level.step_up else ()):
            if code not in known:
                yield ("levels", number, "step_up", "unless", at), f"there is no indicator {code}", _choose(known)
    for number, criterion in enumerate(one.criteria):
        yield from _of_criterion(one, number, criterion)


def _of_criterion(one: Continuum, number: int, criterion: Criterion) -> Iterator[Finding]:
    levels = {level.code for level in one.levels}
    if criterion.suggests is not None and criterion.suggests not in levels:
        place = ("criteria", number, "suggests")
        yield place, f"there is no level {criterion.suggests}", _choose(levels)
    for at, condition in enumerate(criterion.all):
        path: Path = ("criteria", number, "all", at)
        if isinstance(condition, Either):
            for within, each in enumerate(condition.any):
                if isinstance(each, Recorded):
                    yield from _of_recorded(one, (*path, "any", within), each)
        elif isinstance(condition, Recorded):
            yield from _of_recorded(one, path, condition)


def _of_recorded(one: Continuum, path: Path, condition: Recorded) -> Iterator[Finding]:
    indicators = {item.code: item for item in one.indicators}
    found = indicators.get(condition.indicator)
    if found is None:
        yield (*path, "indicator"), f"there is no indicator {condition.indicator}", _choose(indicators)
        return
    if found.nature is Nature.STATE and (condition.at_least > 1 or condition.within or condition.looking_back):
        remedy = "leave out at_least, within and looking_back, or make it an event"
        yield path, f"{found.code} is a state, which holds or does not", remedy
    if condition.people is not None and found.of is not Subject.ADULT:
        yield (*path, "people"), f"{found.code} is not recorded of adults", "leave out people, or record it of adults"
    if condition.within is not None and condition.at_least == 1:
        yield (*path, "within"), "one event lies within any time", "give at_least, or use looking_back"


def _twice(name: str, codes: Sequence[str]) -> Iterator[Finding]:
    for number, code in enumerate(codes):
        if codes.index(code) != number:
            yield (name, number, "code"), f"{code} stands in {name} twice", "rename or remove one"


def _choose(known: Iterable[str]) -> str:
    listed = sorted(known)
    return f"choose from {', '.join(listed)}" if listed else "define it first"
