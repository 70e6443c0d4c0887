import { z } from "zod";

/** Random, kept in the station's cookie: says that it is the same screen as before. */
export const StationToken = z.string().min(1).max(64);
