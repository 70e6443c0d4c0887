import { z } from "zod";

/*
 * What a gateway that speaks MQTT by itself (ESPHome, Zigbee2MQTT, Home Assistant) publishes of a bed, and where: each field
 * has a topic, and within a JSON payload a path such as "presence.state". Without a path the payload is the value itself.
 */

/** No wildcards: what is heard is what the site named. */
const Topic = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^+#\0$][^+#\0]*$/, { error: "the whole name of a topic, without + and #" });
const Path = z
  .string()
  .max(100)
  .regex(/^[^.]+(\.[^.]+)*$/, { error: 'names joined by dots, such as "presence.state"' });

const Yes = z.strictObject({
  topic: Topic,
  path: Path.optional(),
  /** What the gateway says for yes; left out: true, 1, "on", "true", "yes", "detected", in any case of letters. */
  yes: z.string().max(40).optional(),
});
const Amount = z.strictObject({ topic: Topic, path: Path.optional() });

export const GatewayFields = z
  .strictObject({
    present: Yes,
    moving: Yes.optional(),
    distance: Amount.extend({ unit: z.enum(["mm", "cm", "m"]) }).optional(),
    /** 0 to 100. */
    movement: Amount.optional(),
    /** /min: never shown, it can only disagree. */
    breathing: Amount.optional(),
  })
  .describe("topics of an MQTT gateway");
export type GatewayFields = z.infer<typeof GatewayFields>;

/** Each topic once. */
export const topicsOf = (fields: GatewayFields): readonly string[] => [
  ...new Set(Object.values(fields).flatMap((field) => (field === undefined ? [] : [field.topic]))),
];
