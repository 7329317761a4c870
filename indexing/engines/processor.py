"""What this machine's processor can compute in, from Linux's own description of it."""

import platform
import re
from pathlib import Path
from typing import Final, Literal

Precision = Literal["float32", "bfloat16"]
PRECISIONS: Final[tuple[Precision, ...]] = ("float32", "bfloat16")
CPUINFO: Final = Path("/proc/cpuinfo")
BFLOAT16_UNITS: Final = frozenset({"amx_bf16", "avx512_bf16"})


def cpuinfo(path: Path = CPUINFO) -> str:
    """Linux's description of the processor; "" where there is none."""
    try:
        return path.read_text()
    except OSError:
        return ""


def usable_precisions(description: str | None = None) -> tuple[Precision, ...]:
    """float32, and bfloat16 where the processor of that description (default: this machine's) has units for it."""
    text = cpuinfo() if description is None else description
    flags = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    has_units = flags is not None and not BFLOAT16_UNITS.isdisjoint(flags[1].split())
    return PRECISIONS if has_units else ("float32",)


def processor_name(description: str | None = None) -> str:
    """The processor's name and the units that decide between engines: `AMD EPYC, avx2`."""
    text = cpuinfo() if description is None else description
    model = re.search(r"^model name\s*:(.*)$", text, re.MULTILINE)
    flags = re.search(r"^flags\s*:(.*)$", text, re.MULTILINE)
    present = set(flags[1].split()) if flags else set()
    units = [unit for unit in ("avx2", "avx512f", "avx512_bf16", "avx_vnni", "amx_bf16") if unit in present]
    return ", ".join([model[1].strip() if model else platform.machine(), *units])
