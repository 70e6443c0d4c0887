/*
 * What an A121 is told to do, and the words for it on the wire of the exploration server (acconeer-python-exploration
 * v7.18, `exploration_protocol/_latest.py`).
 */

export interface A121Subsweep {
  /** First point, in base steps of about 2.5 mm. */
  readonly startPoint: number;
  readonly points: number;
  /** Base steps between points. */
  readonly stepLength: number;
  /** 1 (short pulse) to 5 (long). */
  readonly profile: 1 | 2 | 3 | 4 | 5;
  /** Hardware-accelerated average samples for each point. */
  readonly hwaas: number;
  readonly receiverGain: number;
  readonly prf: A121Prf;
}

export const a121Prfs = ["19_5_MHz", "15_6_MHz", "13_0_MHz", "8_7_MHz", "6_5_MHz", "5_2_MHz"] as const;
export type A121Prf = (typeof a121Prfs)[number];

export interface A121Settings {
  readonly sensorId: number;
  readonly frameRateHz: number;
  readonly sweepsPerFrame: number;
  /** 0: as fast as the sensor can. */
  readonly sweepRateHz: number;
  readonly subsweeps: readonly A121Subsweep[];
  /** Ticks of the server's clock in a second, where the server does not say it itself. */
  readonly ticksPerSecond: number;
}

/** As Acconeer's breathing reference application sets it: 0.30 to 1.50 m in steps of 60 mm. The model was made for this. */
export const a121BreathingSettings: A121Settings = {
  sensorId: 1,
  frameRateHz: 20,
  sweepsPerFrame: 16,
  sweepRateHz: 0,
  subsweeps: [
    {
      startPoint: 119,
      points: 21,
      stepLength: 24,
      profile: 3,
      hwaas: 32,
      receiverGain: 16,
      prf: "15_6_MHz",
    },
  ],
  ticksPerSecond: 1_000_000,
};

export const pointsOf = (settings: A121Settings): number =>
  settings.subsweeps.reduce((sum, subsweep) => sum + subsweep.points, 0);

export const payloadBytesOf = (settings: A121Settings): number => 4 * settings.sweepsPerFrame * pointsOf(settings);

/** Range of each point in mm, in the order of the payload. */
export function rangesMmOf(settings: A121Settings, baseStepM: number): Float64Array {
  const ranges: number[] = [];
  for (const { startPoint, points, stepLength } of settings.subsweeps) {
    for (let point = 0; point < points; point++) ranges.push((startPoint + point * stepLength) * baseStepM * 1_000);
  }
  return Float64Array.from(ranges);
}

/** The line for `setup`, without its newline. */
export function setupCommand(settings: A121Settings): Readonly<Record<string, unknown>> {
  return {
    cmd: "setup",
    groups: [
      [
        {
          sensor_id: settings.sensorId,
          config: {
            subsweeps: settings.subsweeps.map((subsweep) => ({
              start_point: subsweep.startPoint,
              num_points: subsweep.points,
              step_length: subsweep.stepLength,
              profile: subsweep.profile,
              hwaas: subsweep.hwaas,
              receiver_gain: subsweep.receiverGain,
              enable_tx: true,
              enable_loopback: false,
              phase_enhancement: false,
              prf: subsweep.prf,
            })),
            sweeps_per_frame: settings.sweepsPerFrame,
            sweep_rate: settings.sweepRateHz,
            frame_rate: settings.frameRateHz,
            continuous_sweep_mode: false,
            double_buffering: false,
            inter_frame_idle_state: "deep_sleep",
            inter_sweep_idle_state: "ready",
          },
        },
      ],
    ],
  };
}
