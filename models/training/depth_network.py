"""Networks `depth-scene-80x60` and `depth-scene-8x8`: plain convolutions over heights in the bed's coordinates."""

import torch
import torch.nn as nn
import torch.nn.functional as F

CHANNELS = 7
SCENES = 7


def conv(inside, outside, stride=1):
    return nn.Sequential(nn.Conv2d(inside, outside, 3, stride=stride, padding=1), nn.BatchNorm2d(outside), nn.ReLU())


class Residual(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.wide = nn.Conv2d(width, width, 3, padding=1)
        self.norm = nn.BatchNorm2d(width)
        self.narrow = nn.Conv2d(width, width, 1)

    def forward(self, x):
        return x + self.narrow(F.relu(self.norm(self.wide(x))))


class Heads(nn.Module):
    """Scene, in bed, moving; from means and largest values over the picture."""

    def __init__(self, width):
        super().__init__()
        self.join = nn.Sequential(nn.Linear(2 * width, 48), nn.ReLU(), nn.Dropout(0.1))
        self.out = nn.Linear(48, SCENES + 2)

    def forward(self, x):
        h = self.join(torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1))
        return h, self.out(h)


class DepthScene(nn.Module):
    def __init__(self, fine):
        super().__init__()
        self.fine = fine
        if fine:
            self.first = conv(CHANNELS, 16)
            self.middle = nn.Sequential(conv(16, 24, 2), Residual(24))
            self.deep = nn.Sequential(conv(24, 40, 2), Residual(40), conv(40, 40, 2))
            self.heads = Heads(40)
            self.mask_deep = nn.Linear(48, 16)
            self.mask_middle = nn.Conv2d(24, 16, 1)
            self.mask_first = nn.Conv2d(16, 16, 1)
        else:
            self.first = conv(CHANNELS, 24)
            self.deep = nn.Sequential(Residual(24), Residual(24))
            self.heads = Heads(24)
            self.mask_deep = nn.Linear(48, 16)
            self.mask_first = nn.Conv2d(24, 16, 1)
        self.mask = nn.Conv2d(16, 1, 1)
        # Set after training from the calibration windows.
        self.register_buffer("temperature", torch.ones(3))

    def logits(self, view):
        first = self.first(view)
        if self.fine:
            middle = self.middle(first)
            h, out = self.heads(self.deep(middle))
            wide = F.interpolate(self.mask_middle(middle), scale_factor=2.0, mode="nearest")
            seen = self.mask_first(first) + wide
        else:
            deep = self.deep(first)
            h, out = self.heads(deep)
            seen = self.mask_first(deep)
        mask = self.mask(F.relu(seen + self.mask_deep(h)[:, :, None, None]))[:, 0]
        return out[:, :SCENES], out[:, SCENES], out[:, SCENES + 1], mask

    def forward(self, view):
        scene, in_bed, moving, mask = self.logits(view)
        t = self.temperature
        return torch.softmax(scene / t[0], 1), torch.sigmoid(in_bed / t[1]), torch.sigmoid(moving / t[2]), torch.sigmoid(mask)
