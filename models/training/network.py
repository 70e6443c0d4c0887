"""Network `radar-breathing`: range points with shared weights, attention over them, a dilated plain-conv stack."""

import torch
import torch.nn as nn
import torch.nn.functional as F

BINS = 113
LOWEST, STEP = 4.0, 0.5
STEP_SECONDS = 0.2


class Residual(nn.Module):
    def __init__(self, width, dilation):
        super().__init__()
        self.wide = nn.Conv1d(width, width, 3, padding=dilation, dilation=dilation)
        self.norm = nn.BatchNorm1d(width)
        self.narrow = nn.Conv1d(width, width, 1)

    def forward(self, x):
        return x + self.narrow(F.relu(self.norm(self.wide(x))))


class RadarBreathing(nn.Module):
    def __init__(self, stem=12, points=20, width=48, outputs=("rate", "breaths", "breathing", "movement", "occupied", "others", "quality")):
        super().__init__()
        # What the exported graph tells, in this order.
        self.outputs = tuple(outputs)
        self.stem1 = nn.Conv1d(6, stem, 9, stride=2, padding=4)
        self.norm1 = nn.BatchNorm1d(stem)
        self.stem2 = nn.Conv1d(stem, points, 5, stride=2, padding=2)
        self.norm2 = nn.BatchNorm1d(points)
        self.score = nn.Conv1d(points, 3, 1)
        self.join = nn.Conv1d(3 * points + 5, width, 1)
        self.blocks = nn.ModuleList([Residual(width, d) for d in (1, 2, 4, 8, 16, 32)])
        self.per_step = nn.Conv1d(width, 4, 1)
        self.head = nn.Sequential(nn.Linear(3 * width + 4, 64), nn.ReLU())
        self.rate = nn.Linear(64, BINS)
        self.occupied = nn.Linear(64, 1)
        self.others = nn.Linear(64, 1)
        self.quality = nn.Sequential(nn.Linear(64 + 4, 24), nn.ReLU(), nn.Linear(24, 1))
        # How sharply the sum of the per-step phase advance says the rate: of this window, not of all.
        self.sharpness = nn.Linear(64, 1)
        self.register_buffer("bins", LOWEST + STEP * torch.arange(BINS).float())
        # Set after training from the calibration windows.
        self.register_buffer("temperature", torch.ones(1))
        self.register_buffer("quality_scale", torch.tensor([1.0, 0.0]))

    def logits(self, signal, level, mask, everywhere=None):
        """`everywhere`: the level of all rows, where training gives only some of them."""
        everywhere = level if everywhere is None else everywhere
        b, rows = signal.shape[0], signal.shape[1]
        x = signal.clamp(-4, 4)
        i, q = x[:, :, 0], x[:, :, 1]
        # Area swept by the phasor between two frames: rotation, that is movement along the line of sight.
        turn = i[..., :-1] * q[..., 1:] - q[..., :-1] * i[..., 1:]
        turn = F.pad(turn, (1, 0))
        jump = (i[..., 1:] - i[..., :-1]) ** 2 + (q[..., 1:] - q[..., :-1]) ** 2
        jump = F.pad(torch.sqrt(jump + 1e-4), (1, 0))
        wide_mask = mask[:, None, None, :].expand(b, rows, 1, mask.shape[1])
        strong = (level / 3.0)[:, :, None, None].expand(b, rows, 1, mask.shape[1]) * wide_mask
        x = torch.cat([x, 2.0 * turn.clamp(-2, 2)[:, :, None], jump[:, :, None], wide_mask, strong], 2)
        x = x.reshape(b * rows, 6, mask.shape[1])
        x = F.relu(self.norm1(self.stem1(x)))
        x = F.relu(self.norm2(self.stem2(x)))
        steps = x.shape[2]
        score = self.score(x).reshape(b, rows, 3, steps)
        attention = torch.softmax(score, 1)
        x = x.reshape(b, rows, -1, steps)
        pooled = [(x * attention[:, :, k : k + 1]).sum(1) for k in range(3)]
        step_mask = mask.reshape(b, steps, mask.shape[1] // steps)[:, :, 0][:, None]
        seconds = mask.sum(1, keepdim=True) / 20.0
        strongest = everywhere[:, 1:].max(1, keepdim=True)[0] / 3.0
        average = everywhere[:, 1:].mean(1, keepdim=True) / 3.0
        facts = torch.cat([seconds / 30.0, everywhere[:, :1] / 3.0, strongest, average], 1)
        x = torch.cat(pooled + [step_mask, facts[:, :, None].expand(b, 4, steps)], 1)
        x = F.relu(self.join(x)) * step_mask
        for block in self.blocks:
            x = block(x) * step_mask
        per_step = self.per_step(x)
        breaths = F.softplus(per_step[:, 0] - 3.0) * step_mask[:, 0]
        moving = per_step[:, 1]
        breathing = per_step[:, 3]
        weight = torch.softmax(per_step[:, 2:3] + (step_mask - 1.0) * 30.0, 2)
        count = step_mask.sum(2)
        mean = x.sum(2) / count.clamp(min=1.0)
        last = x[:, :, -5:].mean(2)
        h = self.head(torch.cat([mean, (x * weight).sum(2), last, facts], 1))
        counted = breaths.sum(1, keepdim=True) * 60.0 / (count * STEP_SECONDS).clamp(min=0.2)
        rate = self.rate(h) - F.softplus(self.sharpness(h)) * ((self.bins[None] - counted) ** 2).clamp(max=200.0)
        # What the distribution itself looks like tells most of how good it is.
        p = torch.softmax(rate, 1).detach()
        centre = (p * self.bins).sum(1, keepdim=True)
        spread = torch.sqrt((p * (self.bins[None] - centre) ** 2).sum(1, keepdim=True) + 1e-4)
        shape = torch.cat([p.max(1, keepdim=True)[0], spread / 5.0, centre / 30.0, (centre - counted.detach()) / 5.0], 1)
        quality = self.quality(torch.cat([h, shape], 1))[:, 0]
        return {
            "rate": rate,
            "breaths": breaths,
            "breathing": breathing,
            "moving": moving,
            "occupied": self.occupied(h)[:, 0],
            "others": self.others(h)[:, 0],
            "quality": quality,
            "counted": counted[:, 0],
        }

    def forward(self, signal, level, mask):
        out = self.logits(signal, level, mask)
        steps = out["breaths"].shape[1]
        step_mask = mask.reshape(mask.shape[0], steps, -1)[:, :, 0]
        told = {
            "rate": torch.softmax(out["rate"] / self.temperature, 1),
            "breaths": out["breaths"],
            "breathing": torch.sigmoid(out["breathing"]) * step_mask,
            "movement": torch.sigmoid(out["moving"]) * step_mask,
            "occupied": torch.sigmoid(out["occupied"]),
            "others": torch.sigmoid(out["others"]),
            "quality": torch.sigmoid(out["quality"] * self.quality_scale[0] + self.quality_scale[1]),
        }
        return tuple(told[name] for name in self.outputs)


def rate_of(probability, bins):
    """Mean over the bins within 2 /min of the most likely one: the same rule as perception/rate-distribution.ts."""
    mode = probability.argmax(1, keepdim=True)
    index = torch.arange(bins.shape[0])[None]
    near = probability * ((index - mode).abs() <= 4)
    return (near * bins).sum(1) / near.sum(1)
