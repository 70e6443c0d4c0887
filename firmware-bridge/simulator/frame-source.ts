/**
 * Where a stand-in for the A121's exploration server takes its frames from: a bedroom computed from physics, or a file of
 * recorded wire bytes.
 */
export interface RadarFrameSource {
  /** What the server answers to `setup` under `metadata`, for the one group and sensor that it has. */
  readonly metadata: RadarMetadata;
  /** Frames per second of sensor time. */
  readonly frameRateHz: number;
  /** Begins again at the first frame: what `start_streaming` does. */
  restart(): void;
  /** The next frame, or undefined when there is no more. */
  next(): RadarWireFrame | undefined;
}

/** Field names as on the wire (`sensors.md` 2.6). */
export interface RadarMetadata {
  readonly frame_data_length: number;
  readonly sweep_data_length: number;
  readonly subsweep_data_offset: readonly number[];
  readonly subsweep_data_length: readonly number[];
  readonly calibration_temperature: number;
  readonly tick_period: number;
  readonly base_step_length_m: number;
  readonly max_sweep_rate: number;
  readonly high_speed_mode: boolean;
}

export interface RadarWireFrame {
  /** Microseconds, wraps at 2^32. */
  readonly tick: number;
  readonly temperature: number;
  readonly data_saturated: boolean;
  readonly frame_delayed: boolean;
  readonly calibration_needed: boolean;
  /** Measured in its time, and never sent. */
  readonly lost?: boolean;
  /** int16 little-endian I,Q pairs, [sweep][point]. */
  readonly payload: Uint8Array;
}
