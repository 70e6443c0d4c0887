"""Trains `displacement-rate` on simulated waves and exports ONNX and the card's first half.

Run by models/training/train-displacement, which makes the windows before and measures the exported model afterwards.
"""

import argparse
import copy
import hashlib
import json
import pathlib
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F

from displacement_network import DisplacementRate
from network import rate_of
from train import interval, load, model_number, port, take

# While training; the card's own comes from the calibration windows.
QUALITY_MIN = 0.9
HALF_WIDTH_MAX = 2.0
COUNT_TOLERANCE = 1.0
WINDOW_CLASSES = (10, 22, 45)
WIDTH_SHARES = (0.34, 0.67, 0.88)


def turned(batch, generator):
    """Depth falls when a chest rises: no window can know the sign."""
    sign = torch.randint(0, 2, (batch["signal"].shape[0], 1, 1), generator=generator).float() * 2 - 1
    batch["signal"] = batch["signal"] * sign
    return batch


def losses(model, batch):
    rate, breaths, breathing, moving, quality, counted, inside = model.logits(batch["signal"], batch["mask"])
    truth, weight = batch["ratePerMin"], batch["rateWeight"]
    smear = torch.exp(-0.5 * ((model.bins[None] - truth[:, None]) / 0.4) ** 2)
    smear = smear / smear.sum(1, keepdim=True).clamp(min=1e-6)
    cross = -(smear * F.log_softmax(rate, 1)).sum(1)
    total = weight.sum().clamp(min=1)
    rate_loss = (cross * weight).sum() / total
    count_loss = (F.smooth_l1_loss(counted, truth, reduction="none") * weight).sum() / total
    steps = inside.sum().clamp(min=1)
    off = F.smooth_l1_loss(breaths * 10, batch["breaths"] * 10, reduction="none")
    step_loss = (off * weight[:, None] * inside).sum() / steps
    alive = F.binary_cross_entropy_with_logits(breathing, batch["breathing"], reduction="none")
    alive_loss = (alive * inside).sum() / steps
    moved = F.binary_cross_entropy_with_logits(moving, batch["moving"], reduction="none")
    moving_loss = (moved * inside).sum() / steps
    with torch.no_grad():
        error = (rate_of(torch.softmax(rate, 1), model.bins) - truth).abs()
        good = ((error <= 2) & (weight > 0)).float()
        counts = ((weight > 0) | (batch["noRate"] == 1)).float()
    quality_loss = (F.binary_cross_entropy_with_logits(quality, good, reduction="none") * counts).mean()
    return rate_loss + 0.3 * count_loss + 0.5 * step_loss + 0.3 * alive_loss + 0.5 * moving_loss + 0.5 * quality_loss


@torch.no_grad()
def predict(model, data, batch=250):
    model.eval()
    out = []
    for at in range(0, data["facts"].shape[0], batch):
        b = take(data, slice(at, at + batch))
        out.append(model.logits(b["signal"], b["mask"])[:6])
    return [torch.cat(parts) for parts in zip(*out)]


def judged(model, data):
    rate, _, _, _, quality, counted = predict(model, data)
    p = torch.softmax(rate / model.temperature, 1)
    q = torch.sigmoid(quality * model.quality_scale[0] + model.quality_scale[1])
    low, high = (torch.from_numpy(x).float() for x in interval(p.numpy()))
    return rate_of(p, model.bins), low, high, q, counted


def report(model, data, name):
    at, low, high, q, counted = judged(model, data)
    error = (at - data["ratePerMin"]).abs()
    still = data["rateWeight"] == 1
    shown = (q >= QUALITY_MIN) & (high - low <= 2 * HALF_WIDTH_MAX) & ((counted - at).abs() <= COUNT_TOLERANCE)
    truth = data["ratePerMin"]
    inside = (truth >= low) & (truth <= high)
    words = []
    for cls, label in ((1, "noise"), (2, "drift"), (3, "line"), (4, "band")):
        these = data["class"] == cls
        words.append(f"{label} {100 * shown[these].float().mean():.1f}%")
    print(f"{name}: shown where nobody breathes: {', '.join(words)}", flush=True)
    for low_sec, high_sec in ((10, 22), (22, 45), (45, 61)):
        length = still & (data["windowSec"] >= low_sec) & (data["windowSec"] < high_sec)
        for low_db, high_db in ((-21, -10), (-10, 0), (0, 10), (10, 26)):
            keep = length & (data["snrDb"] >= low_db) & (data["snrDb"] < high_db)
            e, es = error[keep], error[keep & shown]
            print(
                f"  {low_sec}-{high_sec} s, {low_db}..{high_db} dB: all MAE {e.mean():.2f} | shown {100 * (keep & shown).sum() / keep.sum():.0f}% "
                f"RMSE {(es**2).mean().sqrt():.2f} >1 {100 * (es > 1).float().mean():.2f}% >2 {100 * (es > 2).float().mean():.2f}% "
                f"in90 {100 * inside[keep & shown].float().mean():.1f}%",
                flush=True,
            )


def calibrate(model, data):
    """What the card tells under `calibrated`, from windows not trained on: see the three functions below."""
    set_temperature(model, data)
    set_quality_line(model, data)
    quality_min = least_quality(model, data)
    scales = interval_scales(model, data, quality_min)
    print("temperature", model.temperature.tolist(), "quality line", model.quality_scale.tolist(), flush=True)
    print("least quality", quality_min, "scales", scales, flush=True)
    return quality_min, scales


def set_temperature(model, data):
    """90 % of the irregular breathers within the distribution's own 90 %: the regular ones may be wide."""
    rate, _, _, _, quality, counted = predict(model, data)
    keep = (data["rateWeight"] == 1) & (data["intervalCv"] > 0.12) & (torch.sigmoid(quality) >= QUALITY_MIN)
    truth = data["ratePerMin"][keep].numpy()
    best = 1e9
    for temperature in np.exp(np.linspace(-1.5, 0.5, 41)):
        low, high = interval(torch.softmax(rate[keep] / temperature, 1).numpy())
        off = abs(((truth >= low) & (truth <= high)).mean() - 0.9)
        if off < best:
            best, model.temperature[0] = off, float(temperature)


def set_quality_line(model, data):
    """A straight line for the quality's logit, of largest likelihood."""
    rate, _, _, _, quality, _ = predict(model, data)
    error = (rate_of(torch.softmax(rate / model.temperature, 1), model.bins) - data["ratePerMin"]).abs()
    label = ((error <= 2) & (data["rateWeight"] > 0)).float()
    use = (data["rateWeight"] > 0) | (data["noRate"] == 1)
    line = torch.tensor([1.0, 0.0], requires_grad=True)
    optimiser = torch.optim.LBFGS([line], max_iter=60)

    def closure():
        optimiser.zero_grad()
        loss = F.binary_cross_entropy_with_logits(quality[use] * line[0] + line[1], label[use])
        loss.backward()
        return loss

    optimiser.step(closure)
    model.quality_scale.copy_(line.detach())


def least_quality(model, data):
    """The lowest threshold at which what is shown is wrong by more than 2 /min, or of nobody, in at most 0.5 %."""
    at, _, _, quality, counted = judged(model, data)
    still = data["rateWeight"] == 1
    nobody = (data["class"] == 1) | (data["class"] == 2)
    wrong = (at - data["ratePerMin"]).abs() > 2
    for threshold in np.arange(0.5, 0.99, 0.01):
        shown = (quality >= threshold) & ((counted - at).abs() <= COUNT_TOLERANCE)
        if (shown & still & wrong).sum() <= 0.005 * (shown & still).sum() and shown[nobody].float().mean() <= 0.005:
            return model_number(threshold)
    return 0.99


def interval_scales(model, data, quality_min):
    """Split conformal for 90 %, in classes of window length and of the model's own width; irregular breathers held as well."""
    at, low, high, quality, counted = judged(model, data)
    truth, half = data["ratePerMin"], (high - low) / 2
    likely = (data["rateWeight"] == 1) & (quality >= quality_min) & ((counted - at).abs() <= COUNT_TOLERANCE)
    over = torch.where(truth < at, (at - truth) / (at - low).clamp(min=0.01), (truth - at) / (high - at).clamp(min=0.01))
    scales = []
    for i, shortest in enumerate(WINDOW_CLASSES):
        until = WINDOW_CLASSES[i + 1] if i + 1 < len(WINDOW_CLASSES) else 1e9
        length = likely & (data["windowSec"] >= shortest) & (data["windowSec"] < until)
        cuts = [0.0] + torch.quantile(half[length], torch.tensor(WIDTH_SHARES)).tolist()
        for narrowest, widest in zip(cuts, cuts[1:] + [1e9]):
            these = length & (half >= narrowest) & (half < widest)
            scale = max(conformal(over[these]), conformal(over[these & (data["intervalCv"] > 0.1)]))
            scales.append(
                {
                    "fromMs": 1000 * shortest,
                    "halfWidthFromPerMin": model_number(narrowest),
                    "scale": model_number(scale),
                    "windows": int(these.sum()),
                }
            )
    return scales


def conformal(scores):
    """Finite-sample 90 % quantile of split conformal prediction."""
    scores = np.sort(scores.numpy())
    n = len(scores)
    return float(scores[min(n - 1, int(np.ceil((n + 1) * 0.9)) - 1)]) if n > 0 else 1.0


def export(model, manifest, folder, notes):
    model.eval()
    path = pathlib.Path(folder) / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    shapes = [tuple(plan["dims"]) for plan in manifest["inputs"]]
    torch.onnx.export(
        model,
        (torch.randn(shapes[0]), torch.ones(shapes[1])),
        str(path),
        opset_version=13,
        input_names=[plan["name"] for plan in manifest["inputs"]],
        output_names=[plan["name"] for plan in manifest["outputs"]],
        do_constant_folding=True,
    )
    onnx.checker.check_model(onnx.load(str(path)))
    card = {
        "name": "displacement-rate",
        "file": "model.onnx",
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
        "bytes": path.stat().st_size,
        "opset": 13,
        "parameters": sum(p.numel() for p in model.parameters()),
        "inputs": [port(plan) for plan in manifest["inputs"]],
        "outputs": [port(plan) for plan in manifest["outputs"]],
        **notes,
    }
    (path.parent / "card.json").write_text(json.dumps(card, indent=2) + "\n")
    print("exported", path, path.stat().st_size, card["parameters"], flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--weights", help="train nothing: calibrate and export these weights")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(options.seed)
    train, manifest = load(sorted(pathlib.Path(options.windows).glob("train-*")))
    calibration, calibration_manifest = load([f"{options.windows}/calibrate"])
    held_out, held_out_manifest = load([f"{options.windows}/heldout"])
    count = min(options.count, train["facts"].shape[0])
    model = DisplacementRate()
    smooth = copy.deepcopy(model)
    print("parameters", sum(p.numel() for p in model.parameters()), flush=True)
    began, step = time.time(), 0
    if options.weights:
        smooth.load_state_dict(torch.load(options.weights))
    epochs = 0 if options.weights else options.epochs
    steps = epochs * (count // options.batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.rate / 25, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=max(steps, 20), pct_start=0.2)
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(count, generator=generator)
        running = 0.0
        for at in range(0, count - options.batch + 1, options.batch):
            loss = losses(model, turned(take(train, order[at : at + options.batch]), generator))
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimiser.step()
            schedule.step()
            running += loss.item()
            step += 1
            keep = min(0.995, 1 - 1 / (step + 1))
            with torch.no_grad():
                for a, b in zip(smooth.state_dict().values(), model.state_dict().values()):
                    if a.dtype.is_floating_point:
                        a.mul_(keep).add_(b, alpha=1 - keep)
                    else:
                        a.copy_(b)
            if step % 20 == 0:
                print(f"step {step}/{steps} loss {running / (at // options.batch + 1):.3f} {time.time() - began:.0f} s", flush=True)
        report(smooth, calibration, f"epoch {epoch} calibration")
        torch.save(smooth.state_dict(), f"{options.windows}/displacement.pt")
    quality_min, scales = calibrate(smooth, calibration)
    report(smooth, calibration, "calibration windows")
    report(smooth, held_out, "held-out region")
    notes = {
        "training": {
            "windows": count,
            "epochs": options.epochs,
            "seed": options.seed,
            "torch": torch.__version__,
            "minutes": round((time.time() - began) / 60, 1),
        },
        "data": {
            "source": "simulated waves only (scripts/displacement-wave.ts over firmware-bridge/simulator); no recording of a person",
            "training": {"windows": count, "seed": manifest["seed"]},
            "calibration": {"windows": int(calibration["facts"].shape[0]), "seed": calibration_manifest["seed"]},
            "heldOutRegion": "interval variation 0.21-0.27 and correlation time of the noise 0.3-0.6 s",
            "heldOut": {"windows": int(held_out["facts"].shape[0]), "seed": held_out_manifest["seed"]},
        },
        "calibrated": {
            "temperature": model_number(smooth.temperature[0]),
            "qualityLine": [model_number(x) for x in smooth.quality_scale],
            "qualityMin": quality_min,
            "halfWidthPerMinMax": HALF_WIDTH_MAX,
            "intervalScale": scales,
        },
        "limits": [
            "one wave of one person; whose breathing it is, the sensor or the body mask must know",
            "samples at 8-30 Hz with time stamps; anything else is refused",
            "windows of 10-60 s, of which 80 % must hold samples",
            "4-60 /min; below 6 /min a short window holds hardly a breath",
            "a fan or curtain in the wave can look like breathing: see `nobody breathes`",
            "no person's recording was used in training; staged recordings of seated people at 1-3 m are a test",
        ],
    }
    export(smooth, manifest, options.out, notes)


if __name__ == "__main__":
    main()
