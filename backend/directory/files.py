"""Files of services by their endings: .csv, and .json for Open Referral UK."""

from pathlib import Path

from backend.directory import csv_files, hsds_reading
from backend.directory.listing import Listing
from backend.pathways.definitions.faults import Fault, Faulty


def style_of(file: Path) -> str:
    """``.csv`` or ``.json``. Raises ``Faulty`` for another ending."""
    if file.suffix not in {".csv", ".json"}:
        raise Faulty([Fault(str(file), 1, "the file has another ending", "name it .csv or .json")])
    return file.suffix


def read_file(file: Path) -> Listing:
    """The listing in a file. Raises ``Faulty`` with every fault, also where it cannot be read."""
    style = style_of(file)
    try:
        text = file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise Faulty(
            [Fault(str(file), 1, f"the file cannot be read: {reason}", "check its name and rights")]
        ) from error
    return csv_files.read_csv(text, str(file)) if style == ".csv" else hsds_reading.read_json(text, str(file))
