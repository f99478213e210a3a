"""What a stream must be set to so that the log loses and refuses nothing. Pure.

Every setting that could drop, rewrite or reorder events is checked, each time an application starts. The server's
`sync_interval` is no setting of the stream and cannot be seen from here.
"""

from collections.abc import Mapping
from typing import Any

LOG_ID = "tzurot_log_id"
UNLIMITED = -1

REQUIRED: Mapping[str, Any] = {
    "storage": "file",
    "retention": "limits",
    "discard": "new",
    "allow_direct": True,
    "allow_atomic": True,
    "deny_delete": False,
    "deny_purge": False,
    "max_msgs": UNLIMITED,
    "max_msgs_per_subject": UNLIMITED,
    "max_msg_size": UNLIMITED,
    "max_age": 0,
    "discard_new_per_subject": False,
    "no_ack": False,
    "sealed": False,
    "mirror": None,
    "sources": None,
    "subject_transform": None,
    "republish": None,
}


def new_stream(name: str, *, max_bytes: int | None, replicas: int | None, log_id: str) -> dict[str, Any]:
    """The configuration that creates a log; None takes the default: unlimited, one replica."""
    return {
        **{setting: value for setting, value in REQUIRED.items() if value is not None},
        "name": name,
        "subjects": [f"{name}.>"],
        "max_bytes": UNLIMITED if max_bytes is None else max_bytes,
        "num_replicas": 1 if replicas is None else replicas,
        "metadata": {LOG_ID: log_id},
    }


def wrong_settings(found: Mapping[str, Any], name: str, *, replicas: int | None) -> list[str]:
    """Each setting that would harm the log, with what was found and what is expected."""
    expected = {**REQUIRED, "subjects": [f"{name}.>"]}
    if replicas is not None:
        expected["num_replicas"] = replicas
    wrong = [
        f"{setting} is {_present(found, setting, value)!r}, expected {value!r}"
        for setting, value in expected.items()
        if _present(found, setting, value) != value
    ]
    if not (found.get("metadata") or {}).get(LOG_ID):
        wrong.append(f"metadata {LOG_ID} is missing, expected the id that the log was created with")
    return wrong


def _present(found: Mapping[str, Any], setting: str, expected: Any) -> Any:
    """The value of a setting; the server leaves out those that are false, empty or zero."""
    value = found.get(setting)
    if value is None and isinstance(expected, bool):
        return False
    if value is None and setting == "max_age":
        return 0
    return value or None if expected is None else value
