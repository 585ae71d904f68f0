"""Sessions of onnxruntime for the graphs that are ours."""

from pathlib import Path

import onnxruntime as ort

CPU_INFO = Path("/proc/cpuinfo")


def open_session(path: Path) -> ort.InferenceSession:
    """A session of one thread: parallelism is over batches, which scales better on small graphs."""
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # the arena keeps the largest batch's memory for ever
    options.log_severity_level = 3  # errors only: the graph's own shape warnings say nothing
    if not has_exact_byte_products(CPU_INFO):
        options.add_session_config_entry("session.x64quantprecision", "1")
    return ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def has_exact_byte_products(cpu_info: Path) -> bool:
    """Whether the processor is known to sum products of signed and unsigned bytes in 32 bits.

    x86 without VNNI sums pairs in 16 bits, which overflow; onnxruntime then has a slower way. On
    other processors than x86 that setting does nothing.
    """
    return cpu_info.is_file() and "vnni" in cpu_info.read_text(errors="replace")
