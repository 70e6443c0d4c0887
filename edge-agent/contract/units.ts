declare const unit: unique symbol;

/** Milliseconds on this process's monotonic clock. Comparable only within one run of one process. */
export type MonoMs = number & { readonly [unit]: "MonoMs" };
/** Milliseconds since 1970-01-01T00:00:00Z, for people and for other machines; never for deadlines inside the core. */
export type UtcMs = number & { readonly [unit]: "UtcMs" };
/** Microseconds on a sensor's own clock, unwrapped, counted from an origin of the sensor's choosing. */
export type DeviceUs = number & { readonly [unit]: "DeviceUs" };

export const monoMs = (ms: number): MonoMs => ms as MonoMs;
export const utcMs = (ms: number): UtcMs => ms as UtcMs;
export const deviceUs = (us: number): DeviceUs => us as DeviceUs;

export const elapsedMs = (since: MonoMs, at: MonoMs): number => at - since;
export const after = (at: MonoMs, ms: number): MonoMs => (at + ms) as MonoMs;
