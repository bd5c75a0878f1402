"""Reads the layouts of dense data sets with NumPy, h5py, SciPy and Pillow alone, as their own tools do, and writes what belongs into each plane: float32, row-major.

python3 dense_files.py WHAT ROOT OUT [NUMBER]   (WHAT is the name of a function below)
"""
import glob
import json
import os
import sys

import numpy as np

IGNORED = 255.0


def put(out, example, **planes):
    for name, plane in planes.items():
        np.ascontiguousarray(plane, dtype="<f4").tofile(os.path.join(out, example + "." + name))


def bgr(image):
    return np.rint(image.astype(np.float64) * 255)[:, :, ::-1]


def void(labels):
    return np.where(labels == -1, IGNORED, labels)


def zyx(normals):
    short = np.linalg.norm(normals.astype(np.float64), axis=2) < 0.5
    return np.where(short[:, :, None], IGNORED, normals[:, :, ::-1])


def mtan_nyu(root, out, _):
    for part in ("train", "val"):
        for number in range(len(glob.glob(os.path.join(root, part, "image", "*.npy")))):
            image, label, depth, normal = (np.load(os.path.join(root, part, folder, "%d.npy" % number)) for folder in ("image", "label", "depth", "normal"))
            put(out, "%s-%04d" % (part, number), image=bgr(image), Segmentation=void(label), Depth=depth[:, :, 0], SurfaceNormals=zyx(normal))


def mtan_cityscapes(root, out, classes):
    for part in ("train", "val"):
        for number in range(len(glob.glob(os.path.join(root, part, "image", "*.npy")))):
            image, label, depth = (np.load(os.path.join(root, part, folder, "%d.npy" % number)) for folder in ("image", "label_%d" % classes, "depth"))
            put(out, "%s-%04d" % (part, number), image=bgr(image), Segmentation=void(label), Depth=depth[:, :, 0])


def cityscapes(root, out, classes):
    with open(os.path.join(root, "cityscape.json")) as file:
        rows = sum(json.load(file).values(), [])
    for row in rows:
        image, depth, label = (np.load(os.path.join(root, path)) for path in (row[0], row[1], row[{2: 2, 7: 3, 19: 4}[classes]]))
        put(out, os.path.splitext(os.path.basename(row[0]))[0], image=bgr(image), Segmentation=void(label), Depth=depth[:, :, 0])


def cityscapes_original(root, out, classes):
    from PIL import Image

    train_ids = [7, 8, 11, 12, 13, 17, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 31, 32, 33]
    category = lambda i: 0 if i < 7 else 1 if i < 11 else 2 if i < 17 else 3 if i < 21 else 4 if i < 23 else 5 if i < 24 else 6 if i < 26 else 7 if i < 34 else 0
    table = np.full(256, IGNORED)
    for i in range(34):
        if classes == 19 and i in train_ids:
            table[i] = train_ids.index(i)
        if classes == 7 and category(i) > 0:
            table[i] = category(i) - 1
    ending = "_leftImg8bit.png"
    for path in glob.glob(os.path.join(root, "leftImg8bit", "*", "*", "*" + ending)):
        beside = lambda folder, name: path.replace("leftImg8bit" + os.sep, folder + os.sep, 1)[: -len(ending)] + name
        with open(beside("camera", "_camera.json")) as file:
            camera = json.load(file)
        code = np.array(Image.open(beside("disparity", "_disparity.png"))).astype(np.float64)
        disparity = (code - 1) / 256
        scale = camera["extrinsic"]["baseline"] * camera["intrinsic"]["fx"]
        known = (code > 0) & (disparity * 1000 >= scale)
        with np.errstate(divide="ignore", invalid="ignore"):
            metres = np.where(known, scale / disparity, 0)
        put(
            out,
            os.path.basename(path)[: -len(ending)],
            image=np.array(Image.open(path))[:, :, ::-1],
            Segmentation=table[np.array(Image.open(beside("gtFine", "_gtFine_labelIds.png")))],
            Inverse=np.where(known, disparity / scale, 0),
            Metres=metres,
        )


def plane_normals(depth, radius):
    """A plane of inverse depth around each pixel by numpy.linalg.lstsq, over the rays of a camera in 640x480 pixels counted from 1."""
    height, width = depth.shape
    rays_x, rays_y = np.meshgrid(
        ((np.arange(width) + 0.5) * 640 / width + 0.5 - 3.2558244941119034e02) / 5.1885790117450188e02,
        ((np.arange(height) + 0.5) * 480 / height + 0.5 - 2.5373616633400465e02) / 5.1946961112127485e02,
    )
    normals = np.full((height, width, 3), IGNORED)
    for y in range(height):
        for x in range(width):
            window = (slice(max(0, y - radius), y + radius + 1), slice(max(0, x - radius), x + radius + 1))
            z = depth[window]
            near = (z > 0) & (z >= depth[y, x] * np.float32(0.95)) & (z <= depth[y, x] * np.float32(1.05))
            if depth[y, x] <= 0 or near.sum() < 6:
                continue
            rays = np.stack([rays_x[window][near], rays_y[window][near], np.ones(near.sum())], axis=1)
            plane, _, rank, _ = np.linalg.lstsq(rays, 1 / z[near].astype(np.float64), rcond=1e-10)
            if rank == 3:
                a, b, c = plane / np.linalg.norm(plane)
                normals[y, x] = b, -c, -a  # z up, y away, x to the right, of a normal (-a, -b, -c) in a camera's x to the right, y down, z away
    return normals


NYU_LABELS_40 = {21: 1, 11: 2, 4: 22, 28: 8, 59: 9, 64: 11, 19: 7, 5: 5, 83: 6, 3: 3, 144: 35, 1: 40, 26: 29, 8: 38, 12: 39}
NYU_40_TO_13 = [12, 5, 6, 1, 4, 9, 10, 12, 13, 6, 8, 6, 13, 10, 6, 13, 6, 7, 7, 5, 7, 3, 2, 6, 11, 7, 7, 7, 7, 7, 7, 6, 7, 7, 7, 7, 7, 7, 6, 7]


def nyu_mat(root, out, classes):
    import h5py

    with h5py.File(os.path.join(root, "nyu_depth_v2_labeled.mat"), "r") as file:
        for index in range(file["images"].shape[0]):
            labels = file["labels"][index].T
            mapped = np.full(labels.shape, IGNORED)
            for label, of40 in NYU_LABELS_40.items():
                mapped[labels == label] = (of40 if classes == 40 else NYU_40_TO_13[of40 - 1]) - 1
            depth = file["depths"][index].T
            put(
                out,
                "%04d" % (index + 1),
                image=np.transpose(file["images"][index], (2, 1, 0))[:, :, ::-1],
                Segmentation=mapped,
                Depth=depth,
                Raw=file["rawDepths"][index].T,
                SurfaceNormals=plane_normals(depth, 2),
            )


def write_nyu_mat(root, scenes, variant):
    """Writes the two files as MATLAB 7.3 and 5 do, from planes of scenes; the variant says what is wrong with them, 0 for nothing."""
    import h5py
    import scipy.io

    count, height, width = (int(n) for n in np.fromfile(os.path.join(scenes, "sizes"), dtype="<f4"))
    load = lambda name, *shape: np.fromfile(os.path.join(scenes, name), dtype="<f4").reshape(count, height, width, *shape)
    images, labels, depths, raw = load("images", 3), load("labels"), load("depths"), load("raw")
    if variant == 1:
        depths[1, 0, 3] = -2
    if variant == 2:
        labels[2, 1, 0] = 895
    path = os.path.join(root, "nyu_depth_v2_labeled.mat")
    options = dict(compression="gzip")
    with h5py.File(path, "w", userblock_size=512) as file:
        turned = np.transpose(images, (0, 3, 2, 1)).astype(np.uint8)
        file.create_dataset("images", data=turned.astype(np.uint16) if variant == 3 else turned[:, :2] if variant == 4 else turned, chunks=(1, 1, width // 2, height), **options)
        if variant != 5:
            file.create_dataset("depths", data=np.transpose(depths[:, :, : width - 1] if variant == 6 else depths, (0, 2, 1)), chunks=(2, 7, 5), **options)
        file.create_dataset("rawDepths", data=np.transpose(raw, (0, 2, 1)), chunks=(1, width, height), **options)
        file.create_dataset("labels", data=np.transpose(labels, (0, 2, 1)).astype(np.uint16), chunks=(1, width, height), shuffle=True, **options)
        names = file.create_dataset("#refs#/a", data=np.array([[98], [111]], dtype=np.uint16))
        file.create_dataset("names", data=np.array([[names.ref]], dtype=h5py.ref_dtype))
    with open(path, "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64, Created by: a test HDF5 schema 1.00 .".ljust(124) + b"\0\2IM")
    test = {7: [2.0, 9.0], 8: [2.0, 3.5], 9: [2.0, 1.0]}.get(variant, [2.0, float(count)])
    train = [n for n in range(1, count + 1) if n not in (2, count)]
    arrays = {"trainNdxs": np.array(train, dtype=np.float64)[:, None], "testNdxs": np.array(test)[:, None], "note": "text is passed over", "cell": np.array([[1, "a"]], dtype=object)}
    if variant == 10:
        del arrays["testNdxs"]
    scipy.io.savemat(os.path.join(root, "splits.mat"), arrays, do_compression=variant != 11)


def write_nyu_mats(root, scenes, last):
    """Writes every variant up to one into a folder of its number."""
    for variant in range(last + 1):
        os.makedirs(os.path.join(root, str(variant)))
        write_nyu_mat(os.path.join(root, str(variant)), scenes, variant)


def taskonomy(root, out, size):
    from PIL import Image

    with open(os.path.join(root, "taskonomy.json")) as file:
        rows = sum(json.load(file).values(), [])

    def load(path):
        pixels = np.array(Image.open(os.path.join(root, path)))
        step = [np.minimum(np.floor(np.arange(size) * (source / size)).astype(int), source - 1) for source in pixels.shape[:2]]
        return pixels[step[0]][:, step[1]]

    for row in rows:
        image, seg, sn, depth, keypoint, edge = (load(path) for path in row)
        rescale = lambda values, largest: np.clip(values.astype("float32") / 2**16, 0, largest) / largest * 2 - 1
        unknown = depth >= 64500
        put(
            out,
            os.path.splitext(os.path.basename(row[0]))[0],
            image=image[:, :, ::-1],
            Segmentation=np.where(seg == 0, IGNORED, seg.astype(np.float64) - 1),
            SurfaceNormals=np.where(unknown[:, :, None], IGNORED, zyx(sn.astype("float32") / 255 * 2 - 1)),
            Depth=np.where(unknown, 0, np.log(1.0 + depth.astype("float32")) / np.log(2.0**16)),
            Keypoints=rescale(keypoint, 0.005),
            Edges=rescale(edge, 0.08),
        )


if __name__ == "__main__":
    globals()[sys.argv[1]](sys.argv[2], sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 else 0)
