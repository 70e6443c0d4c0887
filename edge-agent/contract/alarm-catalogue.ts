import type { OrderPart } from "./people.ts";
import type { AlarmCondition, AlarmPriority, Purpose } from "./words.ts";

/*
 * Every alarm condition there is: how urgent, what the nurse is asked to do, and when it is over (IEC 60601-1-8 priorities).
 * A condition about the person is off until ordered for that person, and needs the person's consent to its purpose; a technical
 * one says that the system itself cannot see, and is always watched while it should see.
 */
export interface AlarmKind {
  readonly priority: AlarmPriority;
  readonly about: "person" | "technical";
  /** Null: no consent covers it, because it tells nothing of a person. */
  readonly purpose: Purpose | null;
  /** The part of the order that turns it on and gives its limits; null: not ordered. */
  readonly orderPart: OrderPart | null;
  /** What is wrong, in a few words. */
  readonly words: string;
  /** What the nurse is asked to do. */
  readonly toDo: string;
  /** When it is over. */
  readonly clears: string;
}

export const alarmCatalogue: Readonly<Record<AlarmCondition, AlarmKind>> = {
  "on-floor": {
    priority: "high",
    about: "person",
    purpose: "movement-alerts",
    orderPart: "onFloor",
    words: "On the floor, or very low",
    toDo: "Go now. The person may have fallen.",
    clears: "The person is seen in the bed, on its edge or standing for 5 s.",
  },
  "breathing-stopped": {
    priority: "high",
    about: "person",
    purpose: "breathing-rate",
    orderPart: "breathingStopped",
    words: "No breathing seen",
    toDo: "Go now. Look and listen for breathing.",
    clears: "Breathing or a movement is seen for 5 s, or nobody is in the bed.",
  },
  "no-movement": {
    priority: "medium",
    about: "person",
    purpose: "movement-alerts",
    orderPart: "noMovement",
    words: "No movement",
    toDo: "Go and see that the person is well.",
    clears: "A movement is seen, or nobody is there.",
  },
  "breathing-out-of-range": {
    priority: "medium",
    about: "person",
    purpose: "breathing-rate",
    orderPart: "breathing",
    words: "Breathing outside the ordered range",
    toDo: "Go and see. Count the breathing yourself.",
    clears: "10 s of shown breathing are inside the range.",
  },
  "cannot-see-breathing": {
    priority: "medium",
    about: "person",
    purpose: "breathing-rate",
    orderPart: "cannotSeeBreathing",
    words: "Breathing cannot be seen",
    toDo: "Go and see that the person breathes.",
    clears: "Breathing or a movement is seen for 5 s, or nobody is in the bed.",
  },
  "not-back": {
    priority: "medium",
    about: "person",
    purpose: "movement-alerts",
    orderPart: "notBack",
    words: "Not back in bed",
    toDo: "Find the person.",
    clears: "The person is back in bed.",
  },
  "left-bed": {
    priority: "medium",
    about: "person",
    purpose: "movement-alerts",
    orderPart: "leftBed",
    words: "Out of bed",
    toDo: "Go and see whether help is wanted.",
    clears: "The person is back in bed.",
  },
  "second-person": {
    priority: "medium",
    about: "person",
    purpose: "movement-alerts",
    orderPart: "secondPerson",
    words: "More than one person in the room",
    toDo: "Go and see who is there.",
    clears: "One person, or nobody, is seen for 5 s.",
  },
  "edge-of-bed": {
    priority: "low",
    about: "person",
    purpose: "movement-alerts",
    orderPart: "edgeOfBed",
    words: "Sitting on the edge of the bed",
    toDo: "See whether the person wants help getting up.",
    clears: "The person is seen elsewhere for 5 s.",
  },
  "delivery-unconfirmed": {
    priority: "medium",
    about: "technical",
    purpose: null,
    orderPart: null,
    words: "An alarm did not reach any screen",
    toDo: "Check in person. Look at this room's other alarms, then call the engineer.",
    clears: "A screen has shown every open alarm of the room.",
  },
  "system-late": {
    priority: "low",
    about: "technical",
    purpose: null,
    orderPart: null,
    words: "The system is late",
    toDo: "Check in person until this is gone. Call the engineer if it stays.",
    clears: "No answer and no turn was late for 30 s.",
  },
  "sensor-lost": {
    priority: "low",
    about: "technical",
    purpose: null,
    orderPart: null,
    words: "Sensor lost",
    toDo: "Check in person. Is the sensor plugged in?",
    clears: "The sensor's frames come again, or it is turned off.",
  },
  "sensor-covered": {
    priority: "low",
    about: "technical",
    purpose: null,
    orderPart: null,
    words: "Something covers the sensor",
    toDo: "Check in person. Take away what covers the sensor.",
    clears: "The sensor says that it is well again, or it is turned off.",
  },
  "sensor-moved": {
    priority: "low",
    about: "technical",
    purpose: null,
    orderPart: null,
    words: "The sensor was moved",
    toDo: "Check in person. Turn the sensor back, or call the engineer.",
    clears: "The sensor says that it is well again, or it is turned off.",
  },
  "sensor-frozen": {
    priority: "low",
    about: "technical",
    purpose: null,
    orderPart: null,
    words: "The sensor repeats itself",
    toDo: "Check in person. Unplug the sensor and plug it in again.",
    clears: "The sensor says that it is well again, or it is turned off.",
  },
  "rate-unavailable": {
    priority: "low",
    about: "technical",
    purpose: "breathing-rate",
    orderPart: "rateUnavailable",
    words: "No breathing rate",
    toDo: "Check in person. The tile says why there is no rate.",
    clears: "A rate is shown, or nobody is in the bed.",
  },
};
