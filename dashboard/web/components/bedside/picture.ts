import type { ElementSpec } from "../../render.ts";
import { type Shape, shape } from "../shapes/shapes.ts";
import type { FactPicture } from "./facts.ts";

const shapes: Readonly<Record<FactPicture | "opened" | "senses" | "stop", Shape>> = {
  radar: "moving",
  depth: "moving",
  senses: "moving",
  "no-camera": "not-monitored",
  "no-sound": "not-monitored",
  nurses: "in-person",
  opened: "in-person",
  "in-person": "going",
  stop: "ring-off",
};
export const picture = (name: keyof typeof shapes): ElementSpec => shape(shapes[name]);
