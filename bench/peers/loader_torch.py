"""PyTorch's DataLoader over a folder of one format. Answers a line with a line: `describe`; `run SECONDS` with images a second, by the clock and by processor time of all its processes; `quit`.

Usage: loader_torch.py FORMAT DECODER FOLDER WORKERS CROP PREDICTIONS BATCH
"""

import glob
import json
import os
import sys
import time

import cv2
import numpy as np
import PIL
import torch
import torchvision
from PIL import Image
from torch.utils.data import DataLoader, Dataset, RandomSampler

from loader_window import Window

MEAN = np.array([104.00698793, 116.66876762, 122.67891434], np.float32)
IGNORED = 255
# More than a run takes.
ENDLESS = 1 << 24


def pillow(path):
    with Image.open(path) as image:
        return np.asarray(image)


def torchvision_io(path):
    return torchvision.io.read_image(path).permute(1, 2, 0).numpy()


# Pictures as [rows, columns, channels]; OpenCV's in B, G, R order, the others' in R, G, B. All are libpng or libjpeg-turbo underneath.
PICTURES = {
    "opencv": (lambda path: cv2.imread(path, cv2.IMREAD_COLOR), lambda path: cv2.imread(path, cv2.IMREAD_UNCHANGED), False),
    "pillow": (pillow, pillow, True),
    "torchvision": (torchvision_io, lambda path: torchvision_io(path)[:, :, 0], True),
}
ARRAYS = {"load": np.load, "map": lambda path: np.load(path, mmap_mode="r")}
DECODERS = {"png": list(PICTURES), "jpeg": list(PICTURES), "npy": list(ARRAYS)}


def resize(pixels, height, width):
    return cv2.resize(pixels, (width, height), interpolation=cv2.INTER_LINEAR)


def own(array):
    return torch.from_numpy(np.ascontiguousarray(array))


class Pictures(Dataset):
    """What the formats have in common: a window at random, the image less its mean, channels last."""

    def __init__(self, paths, crop, predictions):
        self.paths, self.crop, self.predictions = paths, crop, predictions
        self._random = None

    def __len__(self):
        return len(self.paths)

    def window(self, image):
        if self._random is None:
            worker = torch.utils.data.get_worker_info()
            self._random = np.random.default_rng(worker.id if worker else 0)
        return Window(*image.shape[:2], self.crop, self._random)

    def input(self, window, image, scale=1, rgb=False):
        pixels = window.image(image, resize)
        pixels = pixels[:, :, ::-1] if rgb else pixels
        return own(pixels * scale - MEAN if scale != 1 else pixels - MEAN)


class Scenes(Pictures):
    """PNG as the official AdaShare code has NYU v2: an image, classes and normals as pictures, depth as .npy."""

    def __init__(self, folder, decoder, *sizes):
        super().__init__(sorted(glob.glob(os.path.join(folder, "img", "*.png"))), *sizes)
        self.read, self.read_plain, self.rgb = PICTURES[decoder]

    def __getitem__(self, index):
        path = self.paths[index]
        image = self.read(path)
        window = self.window(image)
        beside = lambda folder, ending: os.path.join(os.path.dirname(os.path.dirname(path)), folder, os.path.splitext(os.path.basename(path))[0] + ending)  # noqa: E731
        classes = window.label(self.read_plain(beside("seg", ".png")), self.predictions, IGNORED).astype(np.int64)
        stored = window.label(self.read(beside("normal_mask", ".png")), self.predictions, IGNORED)
        known = stored.max(2) < IGNORED
        normals = stored.astype(np.float32) / 127.5 - 1
        depth = window.label(np.load(beside("depth", ".npy")), self.predictions, 0)
        return self.input(window, image, rgb=self.rgb), own(classes), own(classes != IGNORED), own(normals), own(known), own(depth), own(depth > 0)


class Photographs(Pictures):
    """JPEG in a folder for each class, as DomainNet and PACS have them."""

    def __init__(self, folder, decoder, *sizes):
        super().__init__(sorted(glob.glob(os.path.join(folder, "*", "*.jpg"))), *sizes)
        names = sorted({os.path.basename(os.path.dirname(path)) for path in self.paths})
        self.classes = [names.index(os.path.basename(os.path.dirname(path))) for path in self.paths]
        self.read, _, self.rgb = PICTURES[decoder]

    def __getitem__(self, index):
        image = self.read(self.paths[index])
        return self.input(self.window(image), image, rgb=self.rgb), self.classes[index]


class Arrays(Pictures):
    """.npy as MTAN has NYU v2: image, classes, depth and normals in single precision."""

    def __init__(self, folder, decoder, *sizes):
        super().__init__(sorted(glob.glob(os.path.join(folder, "train", "image", "*.npy"))), *sizes)
        self.read = ARRAYS[decoder]

    def __getitem__(self, index):
        path = self.paths[index]
        image = self.read(path)
        window = self.window(image)
        beside = lambda name: self.read(os.path.join(os.path.dirname(os.path.dirname(path)), name, os.path.basename(path)))  # noqa: E731
        classes = window.label(beside("label"), self.predictions, -1).astype(np.int64)
        normals = window.label(beside("normal"), self.predictions, 0)
        depth = window.label(beside("depth"), self.predictions, 0)
        known = (normals * normals).sum(2) > 0.25
        return self.input(window, image, scale=255, rgb=True), own(classes), own(classes >= 0), own(normals), own(known), own(depth), own(depth > 0)


FORMATS = {"png": Scenes, "jpeg": Photographs, "npy": Arrays}


class Timed:
    """A loader that is kept going."""

    def __init__(self, dataset, workers, batch):
        self.workers, self.batch = workers, batch
        # A random order with no end: the start of an epoch is no part of what is timed.
        self._loader = DataLoader(dataset, batch, sampler=RandomSampler(dataset, replacement=True, num_samples=ENDLESS), num_workers=workers, prefetch_factor=2, drop_last=True)
        self._batches = iter(self._loader)
        self._pids = [os.getpid(), *(process.pid for process in self._batches._workers)]
        for _ in range(4 * workers):
            next(self._batches)

    def run(self, seconds):
        # What was fetched while the other side was timed is not counted.
        for _ in range(2 * self.workers + 1):
            next(self._batches)
        images, start, used = 0, time.perf_counter(), self._processor()
        while (elapsed := time.perf_counter() - start) < seconds or images == 0:
            next(self._batches)
            images += self.batch
        return {"images_per_s": images / elapsed, "of_core": images / (self._processor() - used)}

    def _processor(self):
        """Seconds of processor time of all processes so far."""
        ticks = 0
        for pid in self._pids:
            with open(f"/proc/{pid}/stat") as file:
                fields = file.read().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


def main():
    name, decoder, folder, workers, crop, predictions, batch = sys.argv[1:]
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    timed = Timed(FORMATS[name](folder, decoder, int(crop), int(predictions)), int(workers), int(batch))
    for line in sys.stdin:
        words = line.split()
        if words == ["quit"]:
            break
        if words == ["describe"]:
            print(json.dumps({"pytorch": torch.__version__, "torchvision": torchvision.__version__, "opencv": cv2.__version__, "pillow": PIL.__version__, "numpy": np.__version__}), flush=True)
        else:
            print(json.dumps(timed.run(float(words[1]))), flush=True)


if __name__ == "__main__":
    main()
