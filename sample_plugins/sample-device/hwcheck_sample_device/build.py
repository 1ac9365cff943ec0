"""Compile the emulated accelerator, beside this file unless a folder is given.

Also a command, `python -m hwcheck_sample_device.build`, to be run once after the installation:
a platform plugin must not write files while it is loaded.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

__all__ = ["build", "compiler", "library_name"]

SOURCES = Path(__file__).parent / "csrc"
OPTIONS = ("-std=c++20", "-O1", "-fPIC", "-fvisibility=hidden", "-Wall", "-Wextra")
TORCH_LIBRARIES = ("-lc10", "-ltorch_cpu", "-ltorch")


def build(folder: Path = Path(__file__).parent) -> Path:
    """Return the compiled library in `folder`; compile only when something has changed.

    Raises RuntimeError: there is no compiler, or it refuses the source.
    """
    library, stamp = folder / library_name(), folder / "_accelerator.stamp"
    fingerprint = fingerprint_of_inputs()
    if library.exists() and stamp.exists() and stamp.read_text("ascii") == fingerprint:
        return library
    with tempfile.TemporaryDirectory(dir=folder) as scratch:
        made = Path(scratch) / library.name
        compile_to(made)
        # In one step, for others who build into the same folder.
        made.replace(library)
    stamp.write_text(fingerprint, "ascii")
    return library


def library_name() -> str:
    """Name the file as Python's import system looks for it."""
    return f"_accelerator{sysconfig.get_config_var('EXT_SUFFIX')}"


def compiler() -> str | None:
    """Find the C++ compiler: `CXX`, or g++."""
    return shutil.which(os.environ.get("CXX", "g++"))


def fingerprint_of_inputs() -> str:
    """Digest what the library is made of."""
    digest = hashlib.sha256(f"{version('torch')} {library_name()} {OPTIONS}".encode())
    for source in sorted(SOURCES.iterdir()):
        digest.update(source.read_bytes())
    return digest.hexdigest()


def compile_to(library: Path) -> None:
    """Compile the sources, two at a time, and link them."""
    found, torch = compiler(), find_spec("torch")
    if found is None:
        raise RuntimeError("compiling the emulated accelerator: no C++ compiler (g++, or set CXX)")
    if torch is None or torch.origin is None:
        raise RuntimeError("compiling the emulated accelerator: torch is not installed")
    headers = Path(torch.origin).parent / "include"
    # As system headers, whose own warnings are not ours to mend.
    places = ["-isystem", str(headers), "-isystem", sysconfig.get_path("include")]
    objects = [library.parent / f"{source.stem}.o" for source in sorted(SOURCES.glob("*.cpp"))]
    waiting = [
        [found, *OPTIONS, *places, "-c", str(SOURCES / f"{made.stem}.cpp"), "-o", str(made)]
        for made in objects
    ]
    # Torch's headers take hundreds of megabytes each, so not all at once.
    while waiting:
        run_together([waiting.pop() for _ in range(min(2, len(waiting)))])
    search = f"-L{headers.parent / 'lib'}"
    linked = [found, "-shared", *map(str, objects), search, *TORCH_LIBRARIES, "-o", str(library)]
    run_together([linked])


def run_together(commands: list[list[str]]) -> None:
    """Run commands at the same time, and wait for all of them."""
    running = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for command in commands
    ]
    outputs = [process.communicate()[0] for process in running]
    for process, output in zip(running, outputs, strict=True):
        if process.returncode != 0:
            raise RuntimeError(f"compiling the emulated accelerator: {output[-4000:]}")
        if output:
            print(output, file=sys.stderr)


if __name__ == "__main__":
    print(build(*map(Path, sys.argv[1:2])))
