"""AdaShare.Native.Bench: how it is built and started."""

import os
import subprocess
import sys

from process import PeerError, Process
from sides import Ours

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
# What keeps a process to an instruction set: oneDNN, ATen's own kernels and OpenBLAS on one side, the .NET runtime on the other.
ISA = {
    "native": {},
    "avx2": {"ONEDNN_MAX_CPU_ISA": "AVX2", "ATEN_CPU_CAPABILITY": "avx2", "OPENBLAS_CORETYPE": "Haswell", "DOTNET_EnableAVX512": "0"},
}


def add_options(parser, name):
    """The options that every program here has."""
    parser.add_argument("--device", default="cpu", help="cpu or cuda:N (default: cpu)")
    parser.add_argument("--numerics", type=words, help="of ours: exact, fast and, on a GPU, bfloat16, separated by commas")
    parser.add_argument("--threads", type=int, default=2, help="threads on the CPU (default: 2)")
    parser.add_argument("--autotune", action="store_true", help="let ours time the engines of convolutions on a GPU before it chooses, as PyTorch does")
    parser.add_argument("--name", default=name, help=f"the last part of the result file's name (default: {name})")
    parser.add_argument("--out", metavar="FILE", help="the result file (default: bench/results/DATE-NAME.json, or DATE-NAME-2.json and so on where that is there)")
    parser.add_argument("--bench", metavar="FILE", help="AdaShare.Native.Bench, a program or a .dll (default: built from this checkout)")


def words(text):
    return [word for word in text.split(",") if word]


def check(options, kind, known):
    """Raises ValueError, with a sentence, where one of these options can't be followed. known are the numerics settings of the kind of device."""
    if options.threads < 1:
        raise ValueError(f"--threads is {options.threads}; it must be at least 1")
    if kind == "cpu" and options.autotune:
        raise ValueError(f"--autotune is for GPUs; the device is {options.device}")
    if options.bench is not None and not os.path.isfile(options.bench):
        raise ValueError(f"--bench {options.bench} is no file; name AdaShare.Native.Bench or its .dll")
    unknown = [numerics for numerics in options.numerics or () if numerics not in known]
    if unknown:
        raise ValueError(f"the numerics setting {unknown[0]} is not one of those on {options.device}: {', '.join(known)}")


def build():
    """Builds the benchmark from the checkout. Returns its path."""
    project = os.path.join(ROOT, "bench", "AdaShare.Native.Bench")
    try:
        status = subprocess.run(["dotnet", "build", project, "-c", "Release", "-v", "quiet", "--nologo"], stdout=sys.stderr).returncode
    except OSError as error:
        raise PeerError(f"dotnet does not start ({error.strerror}); install the .NET SDK, or name a built AdaShare.Native.Bench with --bench", 3) from error
    if status != 0:
        raise PeerError("AdaShare.Native.Bench could not be built")
    return os.path.join(ROOT, "artifacts", "bin", "AdaShare.Native.Bench", "release", "AdaShare.Native.Bench.dll")


def environment(options):
    threads = {"OMP_NUM_THREADS": str(options.threads), "OPENBLAS_NUM_THREADS": str(options.threads)} if options.device == "cpu" else {}
    return dict(os.environ, **threads, **ISA[options.isa])


def start(numerics, options):
    """A process of ours in a numerics setting."""
    program = ["dotnet", options.bench] if options.bench.endswith(".dll") else [os.path.abspath(options.bench)]
    device = str(options.threads) if options.device == "cpu" else options.device
    tuned = ["--autotune"] if options.autotune else []
    return Ours(numerics, Process(f"ours, {numerics}", [*program, device, numerics, *tuned], environment(options)), options.device != "cpu")
