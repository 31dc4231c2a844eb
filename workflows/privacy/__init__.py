"""Personal data at rest: sealing under one data key per person, blind indexes, masks, id numbers.

Pure functions over bytes and text; keys and rows are handed in.
"""

from workflows.privacy.identity import (
    IdNumber,
    Sex,
    id_number_findings,
    normalise_id_number,
    parse_id_number,
)
from workflows.privacy.keys import (
    ERASED,
    DataKey,
    KeyRing,
    new_data_key,
    new_key_ring,
    unwrap_data_key,
)
from workflows.privacy.masks import mask_bank_account, mask_id_number, mask_name, mask_phone
from workflows.privacy.sealing import blind_index, open_sealed, open_state, seal, seal_state

__all__ = [
    "ERASED",
    "DataKey",
    "IdNumber",
    "KeyRing",
    "Sex",
    "blind_index",
    "id_number_findings",
    "mask_bank_account",
    "mask_id_number",
    "mask_name",
    "mask_phone",
    "new_data_key",
    "new_key_ring",
    "normalise_id_number",
    "open_sealed",
    "open_state",
    "parse_id_number",
    "seal",
    "seal_state",
    "unwrap_data_key",
]
