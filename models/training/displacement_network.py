"""Network `displacement-rate`: a dilated plain-conv stack over one wave, with its spectrum beside it."""

import math

import torch
import torch.nn as nn
import torch.nn.functional as F

from network import BINS, LOWEST, STEP, Residual

SLOTS = 600
SLOT_SECONDS = 0.1
STEPS = 150
STEP_SECONDS = 0.4
SPECTRUM_SLOTS = 300


def waves():
    """Cosines and sines of the rate bins over slots of 0.2 s."""
    minutes = torch.arange(SPECTRUM_SLOTS).double() * 0.2 / 60
    perMin = LOWEST + STEP * torch.arange(BINS).double()
    angle = 2 * math.pi * minutes[:, None] * perMin[None]
    return torch.cat([torch.cos(angle), torch.sin(angle)], 1).float()


class DisplacementRate(nn.Module):
    def __init__(self, stem=20, width=40):
        super().__init__()
        self.stem1 = nn.Conv1d(5, stem, 9, stride=2, padding=4)
        self.norm1 = nn.BatchNorm1d(stem)
        self.stem2 = nn.Conv1d(stem, width, 5, stride=2, padding=2)
        self.norm2 = nn.BatchNorm1d(width)
        self.blocks = nn.ModuleList([Residual(width, d) for d in (1, 2, 4, 8, 16, 32, 1, 4)])
        self.per_step = nn.Conv1d(width, 4, 1)
        self.spectrum1 = nn.Conv1d(2, 8, 5, padding=2)
        self.spectrum2 = nn.Conv1d(8, 8, 5, padding=2)
        self.from_spectrum = nn.Linear(2 * BINS, 32)
        self.spectrum_rate = nn.Conv1d(8, 1, 1)
        self.head = nn.Sequential(nn.Linear(3 * width + 32 + 2, 64), nn.ReLU())
        self.rate = nn.Linear(64, BINS)
        self.quality = nn.Sequential(nn.Linear(64 + 4 + 2 * width, 24), nn.ReLU(), nn.Linear(24, 1))
        # How much the sum of the per-step phase advance says about the rate, and how sharply.
        self.count_weight = nn.Parameter(torch.tensor(0.3))
        self.register_buffer("waves", waves())
        self.register_buffer("bins", LOWEST + STEP * torch.arange(BINS).float())
        # Set after training from the calibration windows.
        self.register_buffer("temperature", torch.ones(1))
        self.register_buffer("quality_scale", torch.tensor([1.0, 0.0]))

    def power(self, signal):
        """Share of each rate bin in the power of the first two rows, in logarithms."""
        b = signal.shape[0]
        rows = signal[:, :2].reshape(b, 2, SPECTRUM_SLOTS, 2).mean(3)
        parts = torch.matmul(rows, self.waves)
        power = parts[:, :, :BINS] ** 2 + parts[:, :, BINS:] ** 2
        total = (rows**2).sum(2, keepdim=True)
        return torch.log(power / (total * total.shape[2] + 1e-3) / SPECTRUM_SLOTS * 2 + 1e-4) * 0.3 + 1.5

    def logits(self, signal, mask):
        b = signal.shape[0]
        x = torch.cat([signal, mask], 1)
        x = F.relu(self.norm1(self.stem1(x)))
        x = F.relu(self.norm2(self.stem2(x)))
        share = mask.reshape(b, 2, STEPS, SLOTS // STEPS).mean(3)
        inside = (share[:, 1:] > 0.5).float()
        x = x * inside
        for block in self.blocks:
            x = block(x) * inside
        per_step = self.per_step(x)
        breaths = F.softplus(per_step[:, 0] - 2.0) * inside[:, 0]
        weight = torch.softmax(per_step[:, 3:] + (inside - 1.0) * 30.0, 2)
        count = inside.sum(2)
        mean = x.sum(2) / count.clamp(min=1.0)
        peak = (x * inside + (inside - 1.0) * 30.0).max(2)[0]
        seconds = count * STEP_SECONDS
        facts = torch.cat([seconds / 60.0, share[:, 0].sum(1, keepdim=True) / count.clamp(min=1.0)], 1)
        spectrum = self.power(signal)
        lines = F.relu(self.spectrum2(F.relu(self.spectrum1(spectrum))))
        seen = F.relu(self.from_spectrum(spectrum.reshape(b, 2 * BINS)))
        h = self.head(torch.cat([mean, (x * weight).sum(2), peak, seen, facts], 1))
        counted = breaths.sum(1, keepdim=True) * 60.0 / seconds.clamp(min=0.4)
        rate = self.rate(h) + self.spectrum_rate(lines)[:, 0]
        rate = rate - self.count_weight * ((self.bins[None] - counted) ** 2).clamp(max=200.0)
        # What the distribution itself looks like tells most of how good it is.
        p = torch.softmax(rate, 1).detach()
        centre = (p * self.bins).sum(1, keepdim=True)
        spread = torch.sqrt((p * (self.bins[None] - centre) ** 2).sum(1, keepdim=True) + 1e-4)
        shape = torch.cat([p.max(1, keepdim=True)[0], spread / 5.0, centre / 30.0, (centre - counted.detach()).abs() / 3.0], 1)
        quality = self.quality(torch.cat([h, shape, mean, peak], 1))[:, 0]
        return rate, breaths, per_step[:, 1], per_step[:, 2], quality, counted[:, 0], inside[:, 0]

    def forward(self, signal, mask):
        rate, breaths, breathing, moving, quality, _, inside = self.logits(signal, mask)
        probability = torch.softmax(rate / self.temperature, 1)
        quality = torch.sigmoid(quality * self.quality_scale[0] + self.quality_scale[1])
        return probability, breaths, torch.sigmoid(breathing) * inside, torch.sigmoid(moving) * inside, quality
