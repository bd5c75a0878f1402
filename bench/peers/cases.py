"""The work of the comparison on PyTorch's side, by name; AdaShare.Native.Bench does the same work under the same names."""

import torch
import torch.nn.functional as F

import execution
import formula
import shapes
from network import AdaShare
from step import Step, channels_last


class Matrix(execution.Case):
    """The product of two square matrices."""

    def __init__(self, name, mode, device):
        super().__init__(mode, device)
        size = int(name.split("-")[1])
        self.left, self.right = (torch.from_numpy(formula.symmetric(f"{name}/{side}", (size, size))).to(device) for side in ("left", "right"))

    def compute(self):
        return torch.mm(self.left, self.right)

    def results(self):
        return {"product": self.once()}


class Convolution(execution.Case):
    """One direction of one convolution."""

    def __init__(self, name, mode, device):
        super().__init__(mode, device)
        _, shape, self.direction = name.split("-")
        batch, inputs, size, outputs, kernel, self.stride, self.padding, self.dilation = shapes.CONVOLUTIONS[shape]
        out = (size + 2 * self.padding - self.dilation * (kernel - 1) - 1) // self.stride + 1
        self.input = self._images(name + "/input", (batch, size, size, inputs))
        self.filter = self._laid_out(torch.from_numpy(formula.symmetric(name + "/filter", (outputs, inputs, kernel, kernel))))
        self.gradient = self._images(name + "/gradient", (batch, out, out, outputs))

    def compute(self):
        if self.direction == "forward":
            return F.conv2d(self.input, self.filter, None, self.stride, self.padding, self.dilation)
        wanted = [self.direction == "data", self.direction == "filter", False]
        gradients = torch.ops.aten.convolution_backward(
            self.gradient, self.input, self.filter, None, [self.stride] * 2, [self.padding] * 2, [self.dilation] * 2, False, [0, 0], 1, wanted)
        return gradients[0 if wanted[0] else 1]

    def results(self):
        result = self.once()
        return {self.direction: result if self.direction == "filter" else channels_last(result)}

    def _images(self, name, shape):
        # The formula counts channels last; without a mode that says so PyTorch computes channels first, which is its faster order on the CPU.
        return self._laid_out(torch.from_numpy(formula.symmetric(name, shape)).permute(0, 3, 1, 2))

    def _laid_out(self, tensor):
        return tensor.contiguous(memory_format=torch.channels_last if self.mode.channels_last else torch.contiguous_format).to(self.device)


class Evaluation(execution.Case):
    """One 480x640 image under the published NYU v2 3-task policy; the official code evaluates skipped blocks and multiplies them by 0."""

    SKIPPED = ((6,), (9, 10, 11), (5, 10, 11))

    def __init__(self, mode, device, weights):
        super().__init__(mode, device)
        self.network = AdaShare(shapes.STAGES["r34"], [channels for _, channels, _ in shapes.TASKS], device, mode.channels_last).eval()
        self.network.load(weights)
        if mode.compiled:
            self.network.compile()
        image = torch.from_numpy(formula.scaled("eval/image", (1, 480, 640, 3), -128, 256)).permute(0, 3, 1, 2)
        self.host = image.contiguous(memory_format=torch.channels_last if mode.channels_last else torch.contiguous_format)
        if device.type == "cuda":
            self.host = self.host.pin_memory()
        self.image = self.host if device.type == "cpu" else torch.empty_like(self.host, device=device)
        rows = [[[0.0, 1.0] if b in skipped else [1.0, 0.0] for b in range(16)] for skipped in self.SKIPPED]
        self.policies = [torch.tensor(row, device=device) for row in rows]

    def upload(self):
        if self.image is not self.host:
            self.image.copy_(self.host, non_blocking=True)

    def compute(self):
        with torch.no_grad(), execution.autocast(self.mode, self.device):
            return [output.float() for output in self.network(self.image, self.policies)]

    def read(self, results):
        return [output.cpu() for output in results]

    def results(self):
        return {"output." + name: channels_last(output) for (name, _, _), output in zip(shapes.TASKS, self.once())}


def create(name, mode, device, weights):
    """The case of a name. Raises ValueError where there is none."""
    shapes.require(name)
    kind = name.split("-")[0]
    if kind == "step":
        return Step(name, mode, device, weights)
    if kind == "eval":
        return Evaluation(mode, device, weights)
    return (Matrix if kind == "sgemm" else Convolution)(name, mode, device)
