"""The work of the comparison on PyTorch's side; AdaShare.Native.Bench does the same work under the same names."""

import torch
import torch.nn.functional as F

import formula
from network import AdaShare

TASKS = (("seg", 40, 1.0), ("sn", 3, 20.0), ("depth", 1, 3.0))
TEMPERATURE, SHARING_WEIGHT, SPARSITY_WEIGHT, LEARNING_RATE = 5.0, 0.05, 0.05, 1e-4
# Batch, channels, height and width of the input; filters, kernel, stride, padding, dilation.
CONVOLUTIONS = {
    "r64": (8, 64, 32, 64, 3, 1, 1, 1), "r128": (8, 128, 16, 128, 3, 1, 1, 1), "r256d2": (8, 256, 16, 256, 3, 1, 2, 2),
    "r512d4": (4, 512, 16, 512, 3, 1, 4, 4), "h512d12": (4, 512, 16, 1024, 3, 1, 12, 12), "h512d6": (4, 512, 16, 1024, 3, 1, 6, 6),
    "p1024": (4, 1024, 16, 1024, 1, 1, 0, 1), "stem7": (8, 3, 128, 64, 7, 2, 3, 1), "s2_64_128": (8, 64, 32, 128, 3, 2, 1, 1),
}
CHECKED_WEIGHTS = (
    "backbone.conv1.weight", "backbone.blocks.1.0.conv1.weight", "backbone.blocks.3.1.bn2.weight", "backbone.ds.3.0.weight",
    "task1_fc1_c0.conv1.weight", "task2_fc1_c1.conv2.weight", "task3_fc1_c3.conv3.bias")


def channels_last(tensor):
    return tensor.detach().permute(0, 2, 3, 1)


class Matrix:
    def __init__(self, name, size):
        self.left = torch.from_numpy(formula.symmetric(name + "/left", (size, size)))
        self.right = torch.from_numpy(formula.symmetric(name + "/right", (size, size)))

    def run(self):
        return torch.mm(self.left, self.right)

    def results(self):
        return {"product": self.run()}


class Convolution:
    def __init__(self, name, shape, direction):
        batch, inputs, size, outputs, kernel, self.stride, self.padding, self.dilation = CONVOLUTIONS[shape]
        out = (size + 2 * self.padding - self.dilation * (kernel - 1) - 1) // self.stride + 1
        self.direction = direction
        self.input = self.images(name + "/input", (batch, size, size, inputs))
        self.filter = torch.from_numpy(formula.symmetric(name + "/filter", (outputs, inputs, kernel, kernel)))
        self.gradient = self.images(name + "/gradient", (batch, out, out, outputs))

    @staticmethod
    def images(name, shape):
        # The formula counts channels last; PyTorch computes channels first, which is its faster order on the CPU.
        return torch.from_numpy(formula.symmetric(name, shape)).permute(0, 3, 1, 2).contiguous()

    def run(self):
        if self.direction == "forward":
            return F.conv2d(self.input, self.filter, None, self.stride, self.padding, self.dilation)
        wanted = [self.direction == "data", self.direction == "filter", False]
        gradients = torch.ops.aten.convolution_backward(
            self.gradient, self.input, self.filter, None, [self.stride] * 2, [self.padding] * 2, [self.dilation] * 2, False, [0, 0], 1, wanted)
        return gradients[0 if wanted[0] else 1]

    def results(self):
        with torch.no_grad():
            result = self.run()
        return {self.direction: result if self.direction == "filter" else channels_last(result)}


class Step:
    """One training step; freezing as the official fix_w and fix_alpha do it, by requires_grad alone."""

    def __init__(self, backbone, size, kind, open_blocks, for_check):
        self.kind, self.for_check = kind, for_check
        self.network = AdaShare(backbone, [channels for _, channels, _ in TASKS], 0.0 if for_check else 0.5)
        self.open = self.network.block_count if open_blocks == "all" else int(open_blocks)
        policy = kind == "policy"
        for name, parameter in self.network.named_parameters():
            parameter.requires_grad_(policy == name.endswith("_logits"))
        groups = [{"params": self.network.head_parameters()}, {"params": list(self.network.backbone.parameters())}]
        if kind == "warm":
            self.optimizer = torch.optim.Adam(groups, LEARNING_RATE, (0.5, 0.999), weight_decay=1e-4)
        elif kind == "weights":
            self.optimizer = torch.optim.SGD(groups, LEARNING_RATE, 0.9, weight_decay=1e-4)
        else:
            self.optimizer = torch.optim.Adam(self.network.logits(), 0.01, weight_decay=5e-4)
        mean = torch.tensor([104.00698793, 116.66876762, 122.67891434]).view(1, 3, 1, 1)
        self.images = self.planes("image", size, 3, 0, 255).floor() - mean
        self.targets = {
            "seg": self.planes("seg", size, 1, 0, 40).floor().clamp(max=39),
            "sn": self.planes("sn", size, 3, 1, 200),
            "depth": self.planes("depth", size, 1, 0.5, 4),
        }

    @staticmethod
    def planes(label, size, channels, offset, scale):
        each = [torch.from_numpy(formula.scaled(f"step/{i}/{label}", (size, size, channels), offset, scale)) for i in range(2)]
        return torch.stack(each).permute(0, 3, 1, 2).contiguous()

    def backward(self):
        policies = None
        if self.kind != "warm":
            noise = (lambda t: torch.from_numpy(formula.gumbel(1, t, (self.network.block_count, 2)))) if self.for_check else None
            policies = self.network.sample(TEMPERATURE, self.open, noise)
        outputs = self.network(self.images, policies)
        losses = [self.task_loss(name, output) for (name, _, _), output in zip(TASKS, outputs)]
        total = sum(weight * loss for (_, _, weight), loss in zip(TASKS, losses))
        if self.kind == "policy":
            total = total + SHARING_WEIGHT * self.sharing() + SPARSITY_WEIGHT * self.sparsity()
        self.optimizer.zero_grad()
        total.backward()
        return outputs, losses + [total]

    def task_loss(self, name, output):
        target = F.interpolate(self.targets[name], output.shape[2:])
        if name == "seg":
            return F.cross_entropy(output, target[:, 0].long(), ignore_index=255)
        if name == "sn":
            mask = target.max(1).values < 255
            return 1 - (F.normalize(output, dim=1) * F.normalize(target, dim=1)).sum(1)[mask].mean()
        mask = target > 3e-5
        return F.l1_loss(output[mask], target[mask])

    def sharing(self):
        logits, count = self.network.logits(), self.network.block_count
        weights = (torch.arange(count) + 1.0) / count
        pairs = [(i, j) for i in range(len(logits)) for j in range(i + 1, len(logits))]
        return sum((weights * (logits[i][:, 0] - logits[j][:, 0]).abs()).sum() for i, j in pairs)

    def sparsity(self):
        skip = torch.ones(self.open, dtype=torch.long)
        return sum(F.cross_entropy(logits[-self.open:], skip) for logits in self.network.logits())

    def run(self):
        _, losses = self.backward()
        self.optimizer.step()
        return [loss.item() for loss in losses]

    def results(self):
        outputs, losses = self.backward()
        results = {}
        for (name, _, _), output, loss in zip(TASKS, outputs, losses):
            results["output." + name] = channels_last(output)
            results["loss." + name] = loss.detach()
        results["loss.total"] = losses[-1].detach()
        names = [f"task{t}_logits" for t in (1, 2, 3)] if self.kind == "policy" else CHECKED_WEIGHTS
        parameters = dict(self.network.named_parameters())
        results.update({"gradient." + name: parameters[name].grad.clone() for name in names})
        self.optimizer.step()
        state = self.network.state_dict()
        results.update({"after." + name: state[name] for name in (*names, "backbone.bn1.running_mean", "backbone.blocks.3.1.bn2.running_var")})
        return results


class Evaluation:
    """One 480x640 image under the published NYU v2 3-task policy; the official code evaluates skipped blocks and multiplies them by 0."""

    SKIPPED = ((6,), (9, 10, 11), (5, 10, 11))

    def __init__(self):
        self.network = AdaShare("r34", [channels for _, channels, _ in TASKS], 0.0).eval()
        self.image = torch.from_numpy(formula.scaled("eval/image", (1, 480, 640, 3), -128, 256)).permute(0, 3, 1, 2).contiguous()
        rows = [[[0.0, 1.0] if b in skipped else [1.0, 0.0] for b in range(16)] for skipped in self.SKIPPED]
        self.policies = [torch.tensor(row) for row in rows]

    def run(self):
        with torch.no_grad():
            return self.network(self.image, self.policies)

    def results(self):
        return {"output." + name: channels_last(output) for (name, _, _), output in zip(TASKS, self.run())}


def create(name, for_check):
    """The case of a name."""
    kind, *rest = name.split("-")
    if kind == "sgemm":
        return Matrix(name, int(rest[0]))
    if kind == "conv":
        return Convolution(name, *rest)
    if kind == "step":
        return Step(rest[0], int(rest[1]), rest[2], rest[3] if len(rest) > 3 else 0, for_check)
    if name == "eval-nyu3":
        return Evaluation()
    raise ValueError(f"there is no case {name}")
