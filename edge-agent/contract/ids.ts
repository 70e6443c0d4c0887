import { z } from "zod";

/** One topic segment: maps one to one to NATS and AMQP names, and holds no MQTT wildcard. */
export const Segment = z.string().regex(/^[A-Za-z0-9_-]{1,32}$/, "1 to 32 letters, digits, '-' or '_'");

/** A bed place of the ward, such as `room-1`. Never carries a person's name. */
export const BedId = Segment;
/** A bedroom unit's bridge, as the brokers know it. */
export const DeviceId = Segment;
/** A sensor of a bedroom unit. */
export const SensorId = Segment;
/** One person's admission to one bed for a period; random, tells nothing about the person. */
export const StayId = Segment;
export const StaffId = Segment;
/** `{bed}-{number}`: the bed is part of it, so no two beds share one. */
export const AlarmId = z.string().regex(/^[A-Za-z0-9_-]{1,48}$/);

export type BedId = z.infer<typeof BedId>;
export type DeviceId = z.infer<typeof DeviceId>;
export type SensorId = z.infer<typeof SensorId>;
export type StayId = z.infer<typeof StayId>;
export type StaffId = z.infer<typeof StaffId>;
export type AlarmId = z.infer<typeof AlarmId>;
