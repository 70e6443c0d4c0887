"""What a trained `radar-breathing` network says of windows that it was not trained on, and its calibration from them."""

import math

import numpy as np
import torch
import torch.nn.functional as F

from network import BINS, LOWEST, STEP, rate_of

# A shown rate that is farther off, /min, is wrong.
GOOD = 2


def take(data, index):
    return {name: (x[index].float() if x.dtype == torch.float16 else x[index]) for name, x in data.items()}


@torch.no_grad()
def predict(model, data, batch=250):
    model.eval()
    out = []
    for at in range(0, data["facts"].shape[0], batch):
        b = take(data, slice(at, at + batch))
        out.append(model.logits(b["signal"], b["level"], b["mask"]))
    return {name: torch.cat([part[name] for part in out]) for name in out[0]}


def interval(probability):
    """5 % and 95 % quantiles, straight lines within a bin: as perception/rate-distribution.ts."""
    total = np.cumsum(probability, 1)
    edges = LOWEST - STEP / 2 + STEP * np.arange(BINS + 1)
    low, high = [], []
    for row in total:
        row = np.concatenate([[0.0], row])
        low.append(np.interp(0.05, row, edges))
        high.append(np.interp(0.95, row, edges))
    return np.array(low), np.array(high)


def calibrate(model, data):
    """One temperature for 90 % coverage, and a straight line for the quality's logit, from windows not trained on.

    The temperature comes from the irregular breathers alone: their intervals must hold, and regular ones may be wide.
    """
    out = predict(model, data)
    rate, quality = out["rate"], out["quality"]
    keep = (data["rateWeight"] == 1) & (data["windowSec"] >= 9.5) & (data["intervalCv"] > 0.12)
    truth = data["ratePerMin"][keep].numpy()
    good = torch.sigmoid(quality[keep]) >= 0.5
    best, model.temperature[0] = 1e9, 1.0
    for temperature in np.exp(np.linspace(-2.0, 1.2, 65)):
        low, high = interval(torch.softmax(rate[keep] / temperature, 1).numpy())
        inside = ((truth >= low) & (truth <= high))[good.numpy()].mean()
        if abs(inside - 0.9) < best:
            best = abs(inside - 0.9)
            model.temperature[0] = float(temperature)
    p = torch.softmax(rate / model.temperature, 1)
    error = (rate_of(p, model.bins) - data["ratePerMin"]).abs()
    label = ((error <= GOOD) & (data["rateWeight"] > 0)).float()
    use = ((data["rateWeight"] > 0) | (data["noRate"] == 1)) & (data["windowSec"] >= 5)
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    optimiser = torch.optim.LBFGS([line], max_iter=60)

    def closure():
        optimiser.zero_grad()
        loss = F.binary_cross_entropy_with_logits(quality[use] * line[0] + line[1], label[use])
        loss.backward()
        return loss

    optimiser.step(closure)
    model.quality_scale.copy_(line.detach())
    print("temperature", model.temperature.tolist(), "quality line", model.quality_scale.tolist(), flush=True)


# Shortest windows, s, and shares of the widths: the classes of the conformal intervals.
WINDOW_CLASSES = (9.5, 14, 22)
WIDTH_SHARES = (0.25, 0.5, 0.75, 0.9)


def interval_scales(model, data):
    """Split conformal for 90 %, in classes of window length and of the model's own width."""
    out = predict(model, data)
    p = torch.softmax(out["rate"] / model.temperature, 1)
    at = rate_of(p, model.bins)
    low, high = (torch.from_numpy(x).float() for x in interval(p.numpy()))
    truth, half = data["ratePerMin"], (high - low) / 2
    likely = (data["rateWeight"] == 1) & (torch.sigmoid(out["quality"]) >= 0.85)
    over = torch.where(truth < at, (at - truth) / (at - low).clamp(min=0.01), (truth - at) / (high - at).clamp(min=0.01))
    scales = []
    for i, shortest in enumerate(WINDOW_CLASSES):
        until = WINDOW_CLASSES[i + 1] if i + 1 < len(WINDOW_CLASSES) else 1e9
        length = likely & (data["windowSec"] >= shortest) & (data["windowSec"] < until)
        # Too few to say anything: the model's own interval stands.
        if length.sum() < 50:
            continue
        cuts = [0.0] + torch.quantile(half[length], torch.tensor(WIDTH_SHARES)).tolist()
        for narrowest, widest in zip(cuts, cuts[1:] + [1e9]):
            these = length & (half >= narrowest) & (half < widest)
            scores = np.sort(over[these].numpy())
            # Finite-sample quantile of split conformal prediction.
            rank = min(len(scores) - 1, int(np.ceil((len(scores) + 1) * 0.9)) - 1)
            scales.append(
                {
                    "fromMs": round(1000 * shortest),
                    "halfWidthFromPerMin": model_number(narrowest),
                    "scale": model_number(scores[rank]),
                    "windows": int(these.sum()),
                }
            )
    return scales


def model_number(x):
    return float(f"{float(x):.5g}") if math.isfinite(float(x)) else None
