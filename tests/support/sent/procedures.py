"""What is sent to change rotas and manuals of procedures."""

from uuid import uuid4

from graphql_api.ids import encode
from support.api import JSON, Api


async def rota_changes(api: Api) -> dict[str, JSON]:
    """What is sent to change who is on call. The swap and the adjustment are not there, which a role learns too."""
    node = "edges { node { id person { id } startsAt endsAt } }"
    listed = (await api.run(f"{{ rotas {{ id role shifts(first: 2) {{ {node} }} }} }}"))["rotas"]
    rota = next(one for one in listed if one["role"] == "detective_superintendent")
    now, later = (edge["node"] for edge in rota["shifts"]["edges"])
    span = {"begins": later["startsAt"], "until": later["endsAt"], "reason": "flood"}
    turn = {"personId": later["person"]["id"], "begins": span["begins"], "until": span["until"]}
    layer = {"name": "base", "members": [turn["personId"]], "firstHandover": "2026-01-05T09:00", "periodUnit": "WEEKS",
             "cover": [{"weekdays": [0, 1, 2, 3, 4, 5, 6], "start": "00:00", "end": "00:00"}]}  # fmt: skip
    never = {"swapId": encode("ShiftSwap", uuid4())}
    return {
        "overrideRota": {"rotaId": rota["id"], "kind": "REMOVE", "personId": turn["personId"], **span},
        "assignShift": {"shiftId": later["id"], "insteadId": now["person"]["id"], "reason": "ill"},
        "replaceRotaSpan": {"rotaId": rota["id"], "turns": [turn], **span},
        "changeRota": {"rotaId": rota["id"], "zone": "Europe/London", "layers": [layer]},
        "createRota": {"code": "b", "name": "B", "role": "a_role", "zone": "Europe/London", "layers": [layer]},
        "describeRota": {"rotaId": rota["id"], "name": "Superintendents"},
        "endRota": {"rotaId": rota["id"], "reason": "Merged"},
        "recordLeave": span, "takeOverShift": {"shiftId": now["id"], "reason": "here"},
        "withdrawRotaAdjustment": {"adjustmentId": encode("RotaAdjustment", uuid4())},
        "askShiftSwap": {"shiftId": later["id"], "otherId": now["person"]["id"]},
        "agreeShiftSwap": never, "declineShiftSwap": never, "withdrawShiftSwap": never,
    }  # fmt: skip


def procedure_changes() -> dict[str, JSON]:
    """What is sent to change a manual. It names things that are not there, which a role learns."""
    never = {kind: encode(kind, uuid4()) for kind in (
        "ProcedureEdition", "ProcedureImport", "ProcedureDoubt", "ProcedureAmendment", "ProcedureCirculation", "Person",
        "ProcedureRegisterEntry", "DirectoryPost", "DirectoryHolder",
    )}  # fmt: skip
    draft, amendment = {"editionId": never["ProcedureEdition"]}, {"amendmentId": never["ProcedureAmendment"]}
    circulation = {"circulationId": never["ProcedureCirculation"]}
    kept, post = {"entryId": never["ProcedureRegisterEntry"]}, {"postId": never["DirectoryPost"]}
    entry = {"kind": "PROTOCOL", "manual": "x", "title": "x", "ownerId": never["Person"], "reviewOn": "2026-01-01"}
    return {
        "draftProcedureEdition": {"manual": "x", "title": ""}, "changeProcedureEdition": draft,
        "correctProcedureProvisions": {**draft, "addresses": ["1"]},
        "mergeProcedureProvisions": {**draft, "addresses": ["1", "2"]},
        "splitProcedureProvision": {**draft, "address": "1", "beginsWith": "x", "newAddress": "2"},
        "addProcedureProvision": {**draft, "address": "1"}, "removeProcedureProvision": {**draft, "address": "1"},
        "setProcedureReference": {**draft, "address": "1", "wording": "x", "kind": "STATUTE", "targets": []},
        "setProcedureTerm": {**draft, "term": "x"}, "setProcedureHandbook": {**draft, "entries": []},
        "setProcedureLinks": {**draft, "links": []}, "enterInProcedureRegister": {"entry": entry},
        "changeProcedureRegisterEntry": {**kept, "entry": entry},
        "retireProcedureRegisterEntry": {**kept, "reason": "x"},
        "checkProcedureRegisterEntry": {**kept, "outcome": "REVIEWED", "reviewOn": "2026-01-01"},
        "createDirectoryPost": {"code": "x", "organisation": "x", "title": "x"},
        "appointToDirectoryPost": {**post, "fromOn": "2026-01-01", "name": "x"}, "retireDirectoryPost": post,
        "endDirectoryAppointment": {"holderId": never["DirectoryHolder"], "untilOn": "2026-01-01"},
        "resolveProcedureDoubt": {"doubtId": never["ProcedureDoubt"], "resolution": "x"},
        "requestProcedurePrint": {**draft, "work": "MANUAL", "medium": "PDF"},
        "startProcedureImport": {"manual": "", "title": "", "fileName": "", "size": 0, "sha256": ""},
        "completeProcedureImport": {"importId": never["ProcedureImport"]}, "collateProcedureAmendment": amendment,
        "approveProcedureEdition": {**draft, "role": "x", "inForceFrom": "2026-01-01", "authority": "x"},
        "withdrawProcedureEdition": {**draft, "reason": "x"},
        "recordProcedureAdoption": {**draft, "adoption": "AGREED", "adoptedOn": "2026-01-01", "body": "x"},
        "refuseProcedureAmendment": {**amendment, "reasons": "x"},
        "agreeProcedureAmendment": {**amendment, "newText": "x", "minute": "x", "role": "x"},
        "circulateProcedureAmendment": amendment, "acknowledgeProcedureCirculation": circulation,
        "forwardProcedureCirculation": {**circulation, "copies": 0},
        "nominateProcedureManager": {"agency": "x", "personId": never["Person"]},
        "proposeProcedureAmendment": {**draft, "address": "1", "change": "x", "reason": "x"},
        "subscribeToProcedures": {"manual": "x", "subscribed": True},
    }  # fmt: skip
