"""Times the loader and PyTorch's DataLoader doing the same work by turns, and writes images a second, those of a core, and the ratios to a file of results. bench/peers/loader calls it.

Ends with 0; 1 where a process fails; 2 where an option is wrong; 3 where PyTorch, OpenCV, torchvision or Pillow is missing.
"""

import argparse
import importlib.util
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile

import bench
import results
from process import PeerError, Process

NEEDED = {"torch": "python3-torch", "torchvision": "python3-torchvision", "cv2": "python3-opencv", "PIL": "python3-pil", "numpy": "python3-numpy"}
# The decoders of PyTorch's side, of which the fastest is held against us.
DECODERS = {"png": ("opencv", "pillow", "torchvision"), "jpeg": ("opencv", "pillow", "torchvision"), "npy": ("load", "map")}
# Rows and columns of the crop, of predictions, and what tells our side how to read a folder.
CROPS = {"png": (321, 41), "jpeg": (321, 41), "npy": (256, 32)}
OURS = {
    "png": ["--preset", "nyu_v2_3task", "--set", "tasks_num_class=[13,3,1]"],
    "jpeg": ["--preset", "own_data", "--set", "dataload.scale_min=0.5", "--set", "dataload.scale_max=1.5"],
    "npy": ["--preset", "nyu_v2_3task", "--set", "tasks_num_class=[13,3,1]", "--set", "dataload.dataset=NYU_v2_MTAN"],
}
TITLES = {"png": "PNG 480x640, classes, normals, depth", "jpeg": "JPEG 480x640, a class", "npy": ".npy 288x384, classes, normals, depth"}
# What our side does: all that PyTorch's does; what a training run does, which leaves scale, mirror, crop and mean to its device; the same from the cache.
VARIANTS = {"input": ["--input"], "bytes": [], "cached": ["--cache"]}
BATCH = 16
PROBE_SECONDS = 1.5


def main(arguments=None):
    options = parse(arguments)
    missing = [package for module, package in NEEDED.items() if importlib.util.find_spec(module) is None]
    if missing:
        raise PeerError(f"{sys.executable} lacks what loads data for PyTorch; install it (Debian: apt-get install {' '.join(missing)}), or name another interpreter in PEERS_PYTHON", 3)
    # Here, since they need NumPy.
    import loader_folders

    program = command(options.adashare or build())
    folder = options.data or tempfile.mkdtemp(prefix="loader-")
    try:
        places = loader_folders.make(program, folder, options.images, options.formats)
        run, path = None, None
        for name in options.formats:
            measured = Format(name, places[name], folder, program, options)
            run = run or {**measured.described(), "benchmark": "data", "rows": []}
            run["rows"] += measured.rows()
            path = path or results.path(options, run["date"])
            results.save(path, run)
        print(f"written to {os.path.relpath(path)}")
    finally:
        if options.data is None:
            shutil.rmtree(folder, ignore_errors=True)


def parse(arguments):
    parser = argparse.ArgumentParser(description="Compare the loader with PyTorch's DataLoader on the same files.")
    parser.add_argument("--formats", type=bench.words, default=list(DECODERS), help=f"of {', '.join(DECODERS)}, separated by commas (default: all)")
    parser.add_argument("--workers", type=lambda text: [int(word) for word in bench.words(text)], default=[1, 2], help="numbers of workers, separated by commas (default: 1,2)")
    parser.add_argument("--turns", type=int, default=3, help="how often the sides take turns (default: 3)")
    parser.add_argument("--seconds", type=float, default=2, help="seconds of each turn of PyTorch's (default: 2)")
    parser.add_argument("--images", type=int, default=64, help="scenes that are drawn to be read (default: 64)")
    parser.add_argument("--data", metavar="DIR", help="where they are kept, and taken from if they are there (default: a folder that is removed)")
    parser.add_argument("--adashare", metavar="FILE", help="the program or adashare.dll (default: built from this checkout)")
    parser.add_argument("--name", default="data", help="the last part of the result file's name (default: data)")
    parser.add_argument("--out", metavar="FILE", help="the result file (default: bench/results/DATE-NAME.json, or DATE-NAME-2.json and so on where that is there)")
    options = parser.parse_args(arguments)
    unknown = [name for name in options.formats if name not in DECODERS]
    wrong = (
        f"--formats has {unknown[0]}; expected any of {', '.join(DECODERS)}" if unknown
        else "--formats and --workers need at least one entry" if not options.formats or not options.workers
        else f"--workers has {min(options.workers)}; expected numbers from 1 on" if min(options.workers) < 1
        else f"--turns is {options.turns}; expected 1 or more" if options.turns < 1
        else f"--images is {options.images}; expected {2 * BATCH} or more, two batches" if options.images < 2 * BATCH
        else f"--adashare {options.adashare} is no file" if options.adashare and not os.path.isfile(options.adashare)
        else None
    )
    if wrong:
        parser.exit(2, f"loader: {wrong}\n")
    return options


def build():
    project = os.path.join(bench.ROOT, "src", "AdaShare.Native.Host")
    try:
        status = subprocess.run(["dotnet", "build", project, "-c", "Release", "-v", "quiet", "--nologo"], stdout=sys.stderr).returncode
    except OSError as error:
        raise PeerError(f"dotnet does not start ({error.strerror}); install the .NET SDK, or name a built program with --adashare", 3) from error
    if status != 0:
        raise PeerError("AdaShare.Native.Host could not be built")
    return os.path.join(bench.ROOT, "artifacts", "bin", "AdaShare.Native.Host", "release", "adashare.dll")


def command(program):
    return ["dotnet", program] if program.endswith(".dll") else [os.path.abspath(program)]


class Format:
    """What is measured of one format: both sides by turns."""

    def __init__(self, name, place, folder, program, options):
        self.name, self._place, self._folder, self._program, self._options = name, place, folder, program, options
        self.decoders = {decoder: self._probe(decoder) for decoder in DECODERS[name]}
        self.decoder = max(self.decoders, key=self.decoders.get)
        self._ours, self._theirs, self._described = {}, {}, None
        peers = {workers: self._peer(self.decoder, workers) for workers in options.workers}
        try:
            self._versions = json.loads(peers[options.workers[0]].ask("describe"))
            for turn in range(options.turns):
                sides = [*VARIANTS, *peers]
                for side in sides if turn % 2 == 0 else sides[::-1]:
                    if side in peers:
                        self._theirs.setdefault(side, []).append(json.loads(peers[side].ask("run", options.seconds)))
                    else:
                        self._run(side)
        finally:
            for peer in peers.values():
                peer.close()

    def described(self):
        """Machine, versions and commit, as our side says them."""
        return {**self._described, "versions": {**self._described["versions"], **self._versions}}

    def rows(self):
        """The rows of the report, printed as they are made."""
        rows = []
        for workers in self._options.workers:
            theirs = self._theirs[workers]
            for variant in VARIANTS:
                ours = self._ours[variant, workers]
                ratios = [one["later"] / other["images_per_s"] for one, other in zip(ours, theirs)]
                figures = {
                    "images_per_s": statistics.median(one["later"] for one in ours), "of_core": statistics.median(one["of_core"] for one in ours),
                    "pytorch_images_per_s": statistics.median(one["images_per_s"] for one in theirs), "pytorch_of_core": statistics.median(one["of_core"] for one in theirs),
                    "ratio_of_core": statistics.median(one["of_core"] / other["of_core"] for one, other in zip(ours, theirs)),
                }
                facts = {"pytorch_decoder": self.decoder, "ours": variant, "load": f"{os.getloadavg()[0]:.1f}", **{f"pytorch_{name}_of_core": f"{rate:.0f}" for name, rate in self.decoders.items()}}
                what = f"data {TITLES[self.name]}: {variant}, workers {workers}"
                rows.append(results.row(what, "images/s", True, [one["later"] for one in ours], figures, facts))
                rows.append(results.row(f"{what}, PyTorch's time / ours", "ratio", True, ratios, figures, facts))
                print(
                    f"{self.name:5} workers {workers}  {variant:7} {figures['images_per_s']:8.0f} images/s, {figures['of_core']:6.0f} a core;  PyTorch ({self.decoder}) {figures['pytorch_images_per_s']:6.0f}, "
                    f"{figures['pytorch_of_core']:5.0f} a core;  ratio {statistics.median(ratios):5.2f} ({min(ratios):.2f} to {max(ratios):.2f}), of a core {figures['ratio_of_core']:5.2f}", flush=True)
        return rows

    def _peer(self, decoder, workers):
        script = os.path.join(bench.HERE, "loader_torch.py")
        sizes = [str(size) for size in (*CROPS[self.name], BATCH)]
        return Process(f"pytorch, {decoder}", [sys.executable, script, self.name, decoder, self._place, str(workers), *sizes], dict(os.environ, OMP_NUM_THREADS="1"))

    def _probe(self, decoder):
        peer = self._peer(decoder, 1)
        try:
            return json.loads(peer.ask("run", PROBE_SECONDS))["of_core"]
        finally:
            peer.close()

    def _run(self, variant):
        """Our side: all numbers of workers in one process."""
        workers = self._options.workers
        line = [*self._program, "bench", "data", *OURS[self.name], "--data", self._place, "--crop", str(CROPS[self.name][0]), "--batch", str(BATCH), "--workers", ",".join(map(str, workers)), "--json", "-"]
        line += VARIANTS[variant] + ([os.path.join(self._folder, self.name + ".cache")] if variant == "cached" else [])
        done = subprocess.run(line, capture_output=True, text=True)
        if done.returncode != 0:
            raise PeerError(f"{' '.join(line)}: {done.stderr.strip() or f'ended with {done.returncode}'}")
        run = json.loads(done.stdout)
        self._described = self._described or {key: value for key, value in run.items() if key != "rows"}
        for number in workers:
            found = {row["name"].rpartition(", ")[2]: row["value"]["median"] for row in run["rows"] if f": workers {number}, " in row["name"]}
            self._ours.setdefault((variant, number), []).append({"later": found["later passes"], "of_core": found["a core"]})


if __name__ == "__main__":
    try:
        main()
    except PeerError as error:
        print(f"loader: {error}", file=sys.stderr)
        sys.exit(error.status)
    except KeyboardInterrupt:
        sys.exit(130)
