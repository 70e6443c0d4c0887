import { z } from "zod";

const Port = z.int().min(0).max(65_535).nullable().default(null);

/** Where Prometheus may read what the processes measure of themselves: on this machine only. Null: nowhere. */
export const MetricsConfig = z.strictObject({ agentPort: Port, dashboardPort: Port });
export type MetricsConfig = z.infer<typeof MetricsConfig>;
