"""Trains `radar-breathing` on simulated windows and exports ONNX and the card's first half.

Run by models/training/train, which makes the windows before and measures the exported model afterwards.
"""

import argparse
import copy
import hashlib
import json
import math
import pathlib
import time

import numpy as np
import onnx
import torch
import torch.nn.functional as F

from calibration import GOOD, calibrate, interval, interval_scales, model_number, predict, take
from network import RadarBreathing, rate_of


def load(folders, half=True):
    """One folder, or several whose windows are put one after another."""
    parts = [load_one(folder, half) for folder in folders]
    data = {name: torch.cat([part[name] for part, _ in parts]) for name in parts[0][1]["shapes"]}
    manifest = parts[0][1]
    for column, name in enumerate(manifest["factColumns"]):
        data[name] = data["facts"][:, column].contiguous()
    return data, manifest


def load_one(folder, half):
    folder = pathlib.Path(folder)
    manifest = json.loads((folder / "manifest.json").read_text())
    data = {}
    for name, shape in manifest["shapes"].items():
        raw = np.memmap(folder / f"{name}.f32", "<f4", "r").reshape([-1] + list(shape))
        small = name == "signal" and half
        data[name] = torch.from_numpy(np.array(raw, dtype=np.float16 if small else np.float32))
    return data, manifest


def augment(batch, generator):
    """What no window can know: the direction of positive phase along the common line, and the sum's luck."""
    signal = batch["signal"]
    b, rows = signal.shape[0], signal.shape[1]
    sign = torch.randint(0, 2, (b, 1, 1, 1), generator=generator).float() * 2 - 1
    angle = 0.25 * torch.randn(b, rows, 1, generator=generator)
    cos, sin = torch.cos(angle), torch.sin(angle)
    i, q = signal[:, :, 0], signal[:, :, 1]
    signal = sign * torch.stack([i * cos - q * sin, i * sin + q * cos], 2)
    without_sum = torch.rand(b, generator=generator) < 0.1
    signal[without_sum, 0] = 0
    level = batch["level"].clone()
    level[without_sum, 0] = -2
    batch["signal"], batch["level"] = signal, level
    return batch


def fewer_points(batch, generator, strong=6, others=5):
    """The sum, the strongest points and a few of the rest: the network's weights are the same for all points."""
    level = batch["level"]
    b, rows = level.shape
    order = level[:, 1:].argsort(1, descending=True) + 1
    rest = order[:, strong:]
    drawn = torch.rand(b, rest.shape[1], generator=generator).argsort(1)[:, :others]
    index = torch.cat([torch.zeros(b, 1, dtype=torch.long), order[:, :strong], rest.gather(1, drawn)], 1)
    signal = batch["signal"]
    wide = index[:, :, None, None].expand(b, index.shape[1], signal.shape[2], signal.shape[3])
    return {**batch, "signal": signal.gather(1, wide), "level": level.gather(1, index), "everywhere": level}


def roughen(batch, generator):
    """What a real room does and the simulator does little of: points that fade, drift and are lost, noise of any size."""
    signal, mask = batch["signal"], batch["mask"]
    b, rows, _, length = signal.shape
    t = torch.arange(length).float() / 20

    def slow(highest_hz, size):
        hz = 0.01 + (highest_hz - 0.01) * torch.rand(b, rows, 2, 1, generator=generator)
        start = 6.283 * torch.rand(b, rows, 2, 1, generator=generator)
        return size * torch.rand(b, rows, 1, 1, generator=generator) * torch.sin(6.283 * hz * t + start)

    signal = signal * (1 + slow(0.15, 0.5)[:, :, :1])
    # Head, arms and knees go their own way beside the breath: some points turn by themselves.
    own = slow(0.6, 1.2)[:, :, 0] * (torch.rand(b, rows, 1, generator=generator) < 0.4)
    cos, sin = torch.cos(own), torch.sin(own)
    i, q = signal[:, :, 0], signal[:, :, 1]
    signal = torch.stack([i * cos - q * sin, i * sin + q * cos], 2) + slow(0.07, 0.6)
    loud = 0.2 * torch.rand(b, 1, 1, 1, generator=generator) ** 2
    signal = signal + loud * torch.randn(signal.shape, generator=generator)
    lost = torch.rand(b, rows, generator=generator) < 0.15
    signal[lost] = 0
    level = batch["level"].clone()
    level[lost] = -2
    batch["signal"], batch["level"] = signal * mask[:, None, None, :], level
    return batch


def losses(model, batch):
    out = model.logits(batch["signal"], batch["level"], batch["mask"], batch.get("everywhere"))
    truth, weight = batch["ratePerMin"], batch["rateWeight"]
    smear = torch.exp(-0.5 * ((model.bins[None] - truth[:, None]) / 0.4) ** 2)
    smear = smear / smear.sum(1, keepdim=True).clamp(min=1e-6)
    cross = -(smear * F.log_softmax(out["rate"], 1)).sum(1)
    total = weight.sum().clamp(min=1)
    rate_loss = (cross * weight).sum() / total
    count_loss = (F.smooth_l1_loss(out["counted"], truth, reduction="none") * weight).sum() / total
    step_mask = batch["mask"].reshape(batch["mask"].shape[0], batch["breaths"].shape[1], -1)[:, :, 0]
    steps = step_mask.sum().clamp(min=1)

    def per_step(loss):
        return (loss * step_mask).sum() / steps

    step_loss = per_step(F.smooth_l1_loss(out["breaths"] * 20, batch["breaths"] * 20, reduction="none") * weight[:, None])
    # Somebody else who moves may be taken for the person in bed: that only costs time.
    certain = 1 - 0.5 * batch["others"][:, None] * (1 - batch["moving"])
    moving = F.binary_cross_entropy_with_logits(out["moving"], batch["moving"], reduction="none", pos_weight=torch.tensor(2.0))
    judged = (batch["breathing"] != 0.5).float()
    breathing = F.binary_cross_entropy_with_logits(out["breathing"], batch["breathing"], reduction="none")

    def of_window(name):
        loss = F.binary_cross_entropy_with_logits(out[name], batch[name], reduction="none")
        return (loss * batch[name + "Weight"]).mean()

    with torch.no_grad():
        error = (rate_of(torch.softmax(out["rate"], 1), model.bins) - truth).abs()
        good = ((error <= GOOD) & (weight > 0)).float()
        counts = ((weight > 0) | (batch["noRate"] == 1)).float()
    quality_loss = (F.binary_cross_entropy_with_logits(out["quality"], good, reduction="none") * counts).mean()
    return (
        rate_loss
        + 0.5 * count_loss
        + 0.5 * step_loss
        + 1.5 * per_step(moving * certain)
        + 1.5 * per_step(breathing * judged)
        + 1.0 * of_window("occupied")
        + 0.3 * of_window("others")
        + 0.5 * quality_loss
    )


def share(x):
    return f"{100 * x.float().mean():.2f}%"


def report(model, data, name):
    out = predict(model, data)
    p = torch.softmax(out["rate"] / model.temperature, 1)
    error = (rate_of(p, model.bins) - data["ratePerMin"]).abs()
    q = torch.sigmoid(out["quality"] * model.quality_scale[0] + model.quality_scale[1])
    low, high = interval(p.numpy())
    half = torch.from_numpy((high - low) / 2)
    here = torch.sigmoid(out["occupied"]) > 0.5
    shown = (q >= 0.85) & (half <= 2) & here
    empty = (data["noRate"] == 1) & (data["windowSec"] >= 9.5)
    still = data["rateWeight"] == 1
    for seconds, longest in ((9.5, 20), (20, 31)):
        for cv_from, cv_to in ((0, 0.1), (0.1, 0.3)):
            of = still & (data["windowSec"] >= seconds) & (data["windowSec"] < longest)
            of = of & (data["intervalCv"] > cv_from) & (data["intervalCv"] <= cv_to)
            e, es = error[of], error[of & shown]
            inside = ((data["ratePerMin"].numpy() >= low) & (data["ratePerMin"].numpy() <= high))[of.numpy()]
            print(
                f"  {name} {seconds}-{longest} s, interval variation {cv_from}-{cv_to}: {of.sum()} RMSE {(e**2).mean().sqrt():.2f} >2 {share(e > 2)} | "
                f"shown {share(shown[of])} MAE {es.mean():.2f} RMSE {(es**2).mean().sqrt():.2f} >2 {share(es > 2)} | in the interval {100 * inside.mean():.1f}%",
                flush=True,
            )
    steps = data["breaths"].shape[1]
    mask = data["mask"].reshape(-1, steps, data["mask"].shape[1] // steps)[:, :, 0] > 0
    move, truly = torch.sigmoid(out["moving"])[mask] > 0.5, data["moving"][mask] > 0.5
    breath, breathes = torch.sigmoid(out["breathing"])[mask] > 0.5, data["breathing"][mask]
    occupied = (here == (data["occupied"] > 0.5))[data["occupiedWeight"] == 1]
    others = ((torch.sigmoid(out["others"]) > 0.5) == (data["others"] > 0.5))[data["othersWeight"] == 1]
    print(
        f"  {name}: nobody breathes, shown {share(shown[empty])} | movement found {share(move[truly])} false {share(move[~truly])} | "
        f"breathing found {share(breath[breathes == 1])} false {share(breath[breathes == 0])} | occupied {share(occupied)} others {share(others)}",
        flush=True,
    )


def port(plan):
    return {"name": plan["name"], "shape": plan["dims"], "unit": plan["unit"], "meaning": plan["meaning"]}


def export(model, manifest, folder, notes):
    model.eval()
    path = pathlib.Path(folder) / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    shapes = [tuple(plan["dims"]) for plan in manifest["inputs"]]
    example = (torch.randn(shapes[0]), torch.zeros(shapes[1]), torch.ones(shapes[2]))
    torch.onnx.export(
        model,
        example,
        str(path),
        opset_version=13,
        input_names=[plan["name"] for plan in manifest["inputs"]],
        output_names=[plan["name"] for plan in manifest["outputs"]],
        do_constant_folding=True,
    )
    onnx.checker.check_model(onnx.load(str(path)))
    card = {
        "name": manifest["model"],
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
    print("exported", path, path.stat().st_size, flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--windows", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--epochs", type=int, default=6)
    parser.add_argument("--count", type=int, default=10**9)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=5e-3)
    parser.add_argument("--begin", help="weights to begin with")
    parser.add_argument("--rough", action="store_true", help="fade, drift and lose points in three eighths of every batch")
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(2)
    generator = torch.Generator().manual_seed(options.seed)
    train, manifest = load(sorted(pathlib.Path(options.windows).glob("train-*")))
    calibration, _ = load(sorted(pathlib.Path(options.windows).glob("calibrate*")))
    held_out, held_out_manifest = load([f"{options.windows}/heldout"])
    count = min(options.count, train["facts"].shape[0])
    model = RadarBreathing(outputs=[plan["name"] for plan in manifest["outputs"]])
    if options.begin:
        model.load_state_dict(torch.load(options.begin))
    smooth = copy.deepcopy(model)
    steps = options.epochs * (count // options.batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.rate / 25, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=max(steps, 10), pct_start=0.2)
    began, step = time.time(), 0
    for epoch in range(options.epochs):
        model.train()
        order = torch.randperm(count, generator=generator)
        running = 0.0
        for at in range(0, count - options.batch + 1, options.batch):
            batch = take(train, order[at : at + options.batch])
            if step % 4 != 0:
                batch = fewer_points(batch, generator)
            batch = augment(batch, generator)
            if options.rough:
                half = 3 * options.batch // 8
                rough = roughen({name: x[:half] for name, x in batch.items()}, generator)
                batch = {name: torch.cat([rough[name], x[half:]]) for name, x in batch.items()}
            loss = losses(model, batch)
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
            if step % 50 == 0:
                print(f"step {step}/{steps} loss {running / (at // options.batch + 1):.3f} {time.time() - began:.0f} s", flush=True)
        report(smooth, calibration, f"epoch {epoch} calibration")
        torch.save(smooth.state_dict(), f"{options.windows}/weights.pt")
    calibrate(smooth, calibration)
    report(smooth, calibration, "calibration windows")
    report(smooth, held_out, "held-out region")
    out = pathlib.Path(options.out)
    out.mkdir(parents=True, exist_ok=True)
    notes = {
        "training": {
            "stage": 1 if options.begin is None else 2,
            "windows": count,
            "epochs": options.epochs,
            "seed": options.seed,
            "torch": torch.__version__,
            "minutes": round((time.time() - began) / 60, 1),
        },
        "data": {
            "source": "simulated bedrooms only (firmware-bridge/simulator), made by scripts/make-windows.ts; no recording of a person",
            "training": {"windows": count, "seed": manifest["seed"]},
            "calibration": {"windows": int(calibration["facts"].shape[0])},
            "heldOutRegion": "range profile 72-80 mm, thermal noise 45-60 LSB, half of the people at 1.05-1.3 m, interval variation 0.2-0.25, fans that swing at 0.11-0.15 Hz, blades at 9-13 Hz",
            "heldOut": {"windows": int(held_out["facts"].shape[0]), "seed": held_out_manifest["seed"]},
        },
        "calibrated": {
            "temperature": model_number(smooth.temperature[0]),
            "qualityLine": [model_number(x) for x in smooth.quality_scale],
            "intervalScale": interval_scales(smooth, calibration),
        },
        "limits": [
            "Acconeer A121, PROFILE_3, 21 points of 60 mm from 0.30 m, 20 frames/s, mean of 16 sweeps; anything else is refused",
            "somebody in a bed 0.4-1.3 m away; a second person in or at the bed makes fewer rates shown, and more of them wrong",
            "4-60 /min; below 6 /min a window holds few breaths",
            "breath that stops is told as a prompt to look, where breathing was clearly seen before; it is no apnoea monitor",
            "no person's recording was used in training; a staged recording of one seated person is a test",
        ],
    }
    export(smooth, manifest, out, notes)


if __name__ == "__main__":
    main()
