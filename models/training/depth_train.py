"""Trains `depth-scene-80x60` or `depth-scene-8x8` on simulated views and exports ONNX and the card's first half.

Run by models/training/train-depth, which makes the windows before and measures the exported model afterwards.
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

from depth_network import DepthScene
from train import model_number, port


def load(folders):
    """Views and trunk shares stay in half precision: they are taken apart batch by batch."""
    parts, manifest = {}, None
    for folder in folders:
        manifest = json.loads((pathlib.Path(folder) / "manifest.json").read_text())
        for name, shape in manifest["shapes"].items():
            rows = np.fromfile(f"{folder}/{name}.f32", "<f4").reshape(manifest["count"], *shape)
            parts.setdefault(name, []).append(rows if name == "facts" else rows.astype("<f2"))
    data = {name: torch.from_numpy(np.concatenate(rows)) for name, rows in parts.items()}
    return data, manifest


def take(data, rows):
    facts = data["facts"][rows]
    return {
        "view": data["view"][rows].float(),
        "trunk": data["trunk"][rows].float(),
        "scene": facts[:, 0].long(),
        "inBed": facts[:, 1],
        "moving": facts[:, 2],
    }


def roughen(batch, generator):
    """Mirrored rooms, and what sensors do that the simulator does little of: holes, steps of a whole picture, more noise."""
    view = batch["view"].clone()
    b, _, rows, columns = view.shape
    mirrored = torch.rand(b, generator=generator) < 0.5
    view[mirrored] = view[mirrored].flip(3)
    batch["trunk"][mirrored] = batch["trunk"][mirrored].flip(2)
    shift = 0.02 * torch.randn(b, 1, 1, 1, generator=generator)
    seen = (view[:, 4:5] > 0).float()
    view[:, :2] = view[:, :2] + shift * seen
    size = 0.01 * torch.rand(b, 1, 1, 1, generator=generator)
    view[:, :2] = view[:, :2] + size * torch.randn(b, 1, rows, columns, generator=generator) * seen
    share = 0.15 * torch.rand(b, 1, 1, 1, generator=generator) ** 2
    keep = (torch.rand(b, 1, rows, columns, generator=generator) >= share).float()
    batch["view"] = view * keep
    return batch


def losses(model, batch, weights):
    scene, in_bed, moving, mask = model.logits(batch["view"])
    loss = F.cross_entropy(scene, batch["scene"], weight=weights, ignore_index=-1, label_smoothing=0.02)
    known = (batch["inBed"] >= 0).float()
    bed = F.binary_cross_entropy_with_logits(in_bed, batch["inBed"].clamp(min=0), reduction="none")
    moved = F.binary_cross_entropy_with_logits(moving, batch["moving"])
    trunk = F.binary_cross_entropy_with_logits(mask, batch["trunk"])
    return loss + 0.5 * (bed * known).sum() / known.sum().clamp(min=1) + 0.5 * moved + 2.0 * trunk


@torch.no_grad()
def predict(model, data, batch=256):
    model.eval()
    out = []
    for at in range(0, data["facts"].shape[0], batch):
        out.append(model.logits(take(data, slice(at, at + batch))["view"]))
    return [torch.cat(parts) for parts in zip(*out)]


def report(model, data, names, title):
    scene, in_bed, moving, mask = predict(model, data)
    truth = data["facts"][:, 0].long()
    said = scene.argmax(1)
    words = []
    for i, name in enumerate(names):
        these = truth == i
        if these.any():
            words.append(f"{name} {100 * (said[these] == i).float().mean():.1f}% of {int(these.sum())}")
    known = data["facts"][:, 1] >= 0
    bed_right = ((in_bed > 0) == (data["facts"][:, 1] > 0))[known].float().mean()
    moving_right = ((moving > 0) == (data["facts"][:, 2] > 0)).float().mean()
    lying = (truth == 1) | (truth == 2)
    on, wanted = (mask[lying] > 0).float(), (data["trunk"][lying].float() > 0.5).float()
    overlap = (on * wanted).sum() / ((on + wanted) > 0).float().sum().clamp(min=1)
    print(f"{title}: {', '.join(words)}; in bed {100 * bed_right:.1f}%, moving {100 * moving_right:.1f}%, mask overlap {100 * overlap:.0f}%", flush=True)


def best_temperature(loss_at):
    return min(np.exp(np.linspace(-1.0, 1.2, 45)), key=loss_at)


def calibrate(model, data):
    """Temperatures of largest likelihood on windows that were not trained on."""
    scene, in_bed, moving, _ = predict(model, data)
    facts = data["facts"]
    known = facts[:, 1] >= 0
    model.temperature[0] = best_temperature(lambda t: float(F.cross_entropy(scene / t, facts[:, 0].long(), ignore_index=-1)))
    model.temperature[1] = best_temperature(
        lambda t: float(F.binary_cross_entropy_with_logits(in_bed[known] / t, facts[known, 1]))
    )
    model.temperature[2] = best_temperature(lambda t: float(F.binary_cross_entropy_with_logits(moving / t, facts[:, 2])))
    print("temperatures", model.temperature.tolist(), flush=True)


def export(model, manifest, folder, notes):
    model.eval()
    path = pathlib.Path(folder) / "model.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model,
        torch.randn(tuple(manifest["inputs"][0]["dims"])),
        str(path),
        opset_version=13,
        input_names=[plan["name"] for plan in manifest["inputs"]],
        output_names=[plan["name"] for plan in manifest["outputs"]],
        do_constant_folding=True,
    )
    onnx.checker.check_model(onnx.load(str(path)))
    card = {
        "name": f"depth-scene-{manifest['view']}",
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
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--rate", type=float, default=4e-3)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    generator = torch.Generator().manual_seed(options.seed)
    train, manifest = load(sorted(p.parent for p in pathlib.Path(options.windows).glob("train-*/manifest.json")))
    calibration, calibration_manifest = load([f"{options.windows}/calibrate"])
    held_out, held_out_manifest = load([f"{options.windows}/heldout"])
    count = train["facts"].shape[0]
    model = DepthScene(manifest["view"] == "80x60")
    smooth = copy.deepcopy(model)
    print("windows", count, "parameters", sum(p.numel() for p in model.parameters()), flush=True)
    seen = torch.bincount(train["facts"][:, 0].long().clamp(min=0), minlength=7).float()
    weights = (seen.mean() / seen.clamp(min=1)).sqrt().clamp(max=3)
    began, step = time.time(), 0
    steps = options.epochs * (count // options.batch)
    optimiser = torch.optim.AdamW(model.parameters(), lr=options.rate / 25, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, total_steps=max(steps, 20), pct_start=0.2)
    for epoch in range(options.epochs):
        model.train()
        order = torch.randperm(count, generator=generator)
        running = 0.0
        for at in range(0, count - options.batch + 1, options.batch):
            loss = losses(model, roughen(take(train, order[at : at + options.batch]), generator), weights)
            optimiser.zero_grad()
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimiser.step()
            schedule.step()
            running += loss.item()
            step += 1
            keep = min(0.99, 1 - 1 / (step + 1))
            with torch.no_grad():
                for a, b in zip(smooth.state_dict().values(), model.state_dict().values()):
                    if a.dtype.is_floating_point:
                        a.mul_(keep).add_(b, alpha=1 - keep)
                    else:
                        a.copy_(b)
        print(f"epoch {epoch} loss {running / (count // options.batch):.3f} {time.time() - began:.0f} s", flush=True)
        if epoch % 3 == 2 or epoch + 1 == options.epochs:
            report(smooth, calibration, manifest["scenes"], "calibration")
    calibrate(smooth, calibration)
    report(smooth, held_out, manifest["scenes"], "held-out region")
    notes = {
        "training": {
            "windows": count,
            "epochs": options.epochs,
            "seed": options.seed,
            "torch": torch.__version__,
            "minutes": round((time.time() - began) / 60, 1),
        },
        "data": {
            "source": "simulated bedrooms only (firmware-bridge/simulator, scripts/depth-scenes.ts); no recording of a person",
            "training": {"windows": count, "seed": manifest["seed"]},
            "calibration": {"windows": calibration["facts"].shape[0], "seed": calibration_manifest["seed"]},
            "heldOutRegion": "sensors that look from 200-260 degrees round the bed, with a growth of noise above every trained one",
            "heldOut": {"windows": held_out["facts"].shape[0], "seed": held_out_manifest["seed"]},
        },
        "calibrated": {"temperatures": [model_number(t) for t in smooth.temperature]},
        "limits": [
            "the site must say where the sensor hangs and where the bed stands; some centimetres of error are harmless, tens are not",
            "who is out of the sensor's view is not there: beside the bed an 8x8 sensor above it sees little",
            "a person who stands at an empty bed is told as out of bed, whoever it is",
            "simulated bodies, bedding and furniture only: no pets, no wheelchairs, no children",
        ],
    }
    export(smooth, manifest, options.out, notes)


if __name__ == "__main__":
    main()
