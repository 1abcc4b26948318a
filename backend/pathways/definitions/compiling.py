"""A partnership's overlay laid over a national definition: nothing that must be done is loosened in silence."""

from collections.abc import Iterator

from pydantic import ValidationError

from backend.clocks.figures import means_at_once
from backend.clocks.limits import Force
from backend.pathways.definitions.checks import Known, findings, never_spoken_of
from backend.pathways.definitions.definition import Definition
from backend.pathways.definitions.effective import Effective, chosen_by_clocks
from backend.pathways.definitions.faults import Fault, Faulty, choose
from backend.pathways.definitions.library import Entry, Library
from backend.pathways.definitions.local_overlay import AT_ONCE, LocalOverlay
from backend.pathways.definitions.loosening import Loosened, loosened
from backend.pathways.definitions.merging import Merged, merged, section_of
from backend.pathways.definitions.positions import Document, Path
from backend.pathways.definitions.reading import grammar_faults


def compiled(entry: Entry, overlay: LocalOverlay, found: Document, library: Library) -> Effective:
    """The definition in force under ``overlay``, which was read from ``found``.

    Raises ``Faulty`` for values that do not fit the grammar, for codes that name nothing, and for whatever asks for
    less than the national definition without the ground or the authority that it takes.
    """
    result = merged(entry.document.data, overlay)
    faults = [_unknown(entry, section, code, found) for section, code in result.unknown]
    if overlay.pathway != entry.definition.id:
        line, said = found.line(("pathway",)), f"this is no overlay of {entry.definition.id}"
        faults.append(Fault(found.file, line, said, "correct pathway"))
    if faults:
        raise Faulty(faults)
    places = _Places(result, overlay, entry.document, found)
    try:
        definition = Definition.model_validate(result.data)
    except ValidationError as error:
        synthetic = Document(found.file, result.data, {})
        raise Faulty(places.moved(grammar_faults(error, Definition, synthetic), error)) from error
    faults = [places.fault(path, said, remedy) for path, said, remedy in findings(definition, _known(overlay, library))]
    unspoken = (places.fault(path, said, remedy) for path, said, remedy in never_spoken_of(definition))
    faults += [fault for fault in unspoken if fault.file == found.file]
    faults += _loosened_faults(_as_worded(entry, overlay), definition, overlay, found)
    faults += _setting_faults(definition, overlay, found)
    if faults:
        raise Faulty(faults)
    return Effective(definition, entry, overlay, result.data, result.marks)


def _as_worded(entry: Entry, overlay: LocalOverlay) -> Definition:
    """The national definition in local words: what is only called otherwise asks for no less."""
    if not overlay.wording:
        return entry.definition
    only = LocalOverlay(
        pathway=overlay.pathway, partnership=overlay.partnership, edition=overlay.edition, revision=overlay.revision,
        wording=overlay.wording,
    )  # fmt: skip
    return Definition.model_validate(merged(entry.document.data, only).data)


def _known(overlay: LocalOverlay, library: Library) -> Known:
    known = library.known
    roles = known.roles | {role.code for role in overlay.roles}
    return Known(
        roles, known.agencies, known.pathways, {**known.sources, **{one.title: one for one in overlay.sources}}
    )


def _unknown(entry: Entry, section: str, code: str, found: Document) -> Fault:
    line = found.line(("change", section, code))
    known = {item["id"] for item in section_of(entry.document.data, section)}
    return Fault(found.file, line, f"there is no {code} in {section}", choose(code, known))


def _loosened_faults(base: Definition, local: Definition, overlay: LocalOverlay, found: Document) -> Iterator[Fault]:
    for one in loosened(base, local):
        why = overlay.change.get(one.section, {}).get(one.code, {})  # type: ignore[call-overload]
        if one.refused:
            yield _loose(one, found, "take it out: of two prohibitions the stricter prevails")
        elif one.bound and not why.get("authority"):
            yield _loose(one, found, "name the authority for it in authority, such as: Board minute 12, 3 March 2026")
        elif not one.bound and not (why.get("authority") or why.get("ground")):
            yield _loose(one, found, "give the reason in ground")
    forces = {clock.id: clock.force for clock in base.clocks}
    for number, dropped in enumerate(overlay.not_applied):
        if forces[dropped.clock] is Force.MUST and not dropped.authority:
            line = found.line(("not_applied", number))
            said = f"the clock {dropped.clock} must be kept and is not applied"
            yield Fault(found.file, line, said, "name the authority for it in authority")


def _loose(one: Loosened, found: Document, remedy: str) -> Fault:
    line = found.line(("change", one.section, one.code))
    kind = "a must is loosened" if one.bound else "less is asked than nationally"
    return Fault(found.file, line, f"{kind} in {one.section} {one.code}: {one.what}", remedy)


def _setting_faults(definition: Definition, overlay: LocalOverlay, found: Document) -> Iterator[Fault]:
    declared = {setting.id: setting for setting in definition.settings}
    by_clocks = {setting: clock for setting, clock, _ in chosen_by_clocks(definition)}
    known = set(by_clocks) | set(declared)
    unstated = {clock.id for clock in definition.clocks if getattr(getattr(clock, "start", None), "unstated", False)}
    for code in overlay.starts:
        if code not in unstated:
            line = found.line(("starts", code))
            yield Fault(
                found.file, line, f"the start of {code} is printed", "change the clock instead, with the ground"
            )
    for code, value in overlay.settings.items():
        line = found.line(("settings", code))
        if code not in known:
            yield Fault(found.file, line, f"there is no setting {code}", choose(code, known))
        elif value == AT_ONCE and not means_at_once(by_clocks.get(code)):
            yield Fault(found.file, line, f"{code} is for words that do not mean at once", "give a value and a unit")
        elif code in declared and declared[code].choices and value not in declared[code].choices:
            yield Fault(found.file, line, f"{code} cannot be {value!r}", choose(value, declared[code].choices))


class _Places:
    """Whose file and line a place of the compiled definition is."""

    def __init__(self, result: Merged, overlay: LocalOverlay, base: Document, found: Document) -> None:
        self._result, self._overlay, self._base, self._found = result, overlay, base, found

    def fault(self, path: Path, said: str, remedy: str) -> Fault:
        document, place = self._at(path)
        return Fault(document.file, document.line(place), said, remedy)

    def moved(self, faults: list[Fault], error: ValidationError) -> list[Fault]:
        """Faults of the merged data, at the lines of the overlay that brought them."""
        paths = [tuple(details["loc"]) for details in error.errors()]
        places = [self._at(path) for path in paths]
        lines = [(document, place) for document, place in places if document is self._found] or places
        document, place = lines[0]
        return [Fault(document.file, document.line(place), fault.message, fault.remedy) for fault in faults]

    def _at(self, path: Path) -> tuple[Document, Path]:
        """The document and the path in it, of a path in the compiled data."""
        section, inside = str(path[0]) if path else "", path[1:]
        if section == "entry" and len(path) > 2:
            section, inside = str(path[1]), path[2:]
        if not inside or not isinstance(inside[0], int):
            return self._base, path
        items = section_of(self._result.data, section)
        code = str(items[inside[0]].get("id")) if inside[0] < len(items) else ""
        if (section, code) in self._result.added:
            return self._found, ("add", section, self._result.added[section, code], *inside[1:])
        changes = self._overlay.change.get(section, {})  # type: ignore[call-overload]
        if code in changes and (len(inside) < 2 or {inside[1], f"{inside[1]}+"} & changes[code].keys()):
            return self._found, ("change", section, code, *inside[1:])
        original = [item.get("id") for item in section_of(self._base.data, section)]
        if code in original:
            around = path[: len(path) - len(inside)]
            return self._base, (*around, original.index(code), *inside[1:])
        return self._base, path
