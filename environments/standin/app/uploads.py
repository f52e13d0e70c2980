"""Photographs and documents from the floor: of known types, of limited size (contract section 2)."""

from __future__ import annotations

import hashlib
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Depends, UploadFile
from pydantic import BaseModel

from environments.standin.app.errors import PROBLEMS, Refused
from environments.standin.app.guard import Asking

router = APIRouter(prefix="/api/v1/upload", tags=["upload"])
LARGEST_FILE_BYTES = 10 * 1024 * 1024
# How a file of each type begins, whatever it calls itself.
BEGINNINGS = {"image/jpeg": b"\xff\xd8\xff", "image/png": b"\x89PNG\r\n\x1a\n", "application/pdf": b"%PDF-"}


class Limits(BaseModel):
    """What may be sent."""

    max_file_size: int = LARGEST_FILE_BYTES
    max_file_size_mb: int = LARGEST_FILE_BYTES // 1024 // 1024
    allowed_file_types: list[str] = list(BEGINNINGS)
    max_files_per_upload: int = 1


class Received(BaseModel):
    """What was received; nothing of the stand-in reads it later, so only its facts are kept."""

    id: UUID
    content_type: str
    size: int
    sha256: str


def largest_file_bytes() -> int:
    """How large a file may be."""
    return LARGEST_FILE_BYTES


def beginnings() -> dict[str, bytes]:
    """Which types may be sent, and how their files begin."""
    return BEGINNINGS


@router.get("/info", responses=PROBLEMS)
async def info(user: Asking) -> Limits:
    return Limits()


@router.post("/", status_code=201, responses=PROBLEMS)
async def upload(
    user: Asking,
    file: UploadFile,
    largest: Annotated[int, Depends(largest_file_bytes)],
    known: Annotated[dict[str, bytes], Depends(beginnings)],
) -> Received:
    """Take one file."""
    if (file.size or 0) > largest:
        raise Refused(413, f"The file is larger than {LARGEST_FILE_BYTES} bytes")
    content, kind = await file.read(), file.content_type or ""
    if kind not in known or not content.startswith(known[kind]):
        raise Refused(415, "The file is none of " + ", ".join(BEGINNINGS))
    return Received(id=uuid4(), content_type=kind, size=len(content), sha256=hashlib.sha256(content).hexdigest())
