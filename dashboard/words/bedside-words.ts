import type { Looker } from "../../edge-agent/contract/who-looked.ts";
import type { Purpose } from "../../edge-agent/contract/words.ts";

/* What the bedside screen says. Short sentences, plain words; {place} stands for what is put in. */

export const englishBedside = {
  screen: "What is on now",
  cannotTell: "We can’t tell right now.",
  askStaff: "Ask staff. They can turn it off for you.",
  endsAlone: "If the ward computer stops, the sensor goes off too. That takes 30 seconds at most.",
  nothingOn: "Nothing is on.",
  nothingOnNow: "Nothing is on right now.",
  sensorOff: "The sensor is off.",
  sensorOn: "The sensor is on.",
  youTurnedOn: "You said yes. You can stop it.",
  staffDecided: "Staff decided this for you. You can stop it.",
  allowedButOff: "You said yes, but the sensor is off.",
  recordingEnded: "The recording has ended.",
  ignored: "The sensor is ignored.",
  ignoredOn: "You said yes, but we do not read the sensor.",
  ignoredOff: "The sensor cannot be switched off. We do not read it.",
  turningOn: "Turning on…",
  turningOff: "Turning off…",
  turningOffOne: "Turning off {purpose}…",
  oneMoment: "One moment.",
  pausing: "Pausing…",
  paused: "Paused.",
  onAgainAt: "On again by itself at {time}. In {left}.",
  onAgainHour: "On again by itself at {time}.",
  notConfirmed: "Not confirmed yet. Ask staff.",
  notDone: "That did not work. Try again, or ask staff. They can turn it off for you.",
  stillTrying: "We keep trying. Ask staff too. They can turn it off for you.",
  cannotNow: "We can’t do that right now. Ask staff, or try again.",
  cannotSend: "It was not sent. Your words are still here. Try again.",
  minutes: "{count} min",
  seconds: "{count} s",

  seesRadar: "A small radar feels when you move and breathe.",
  seesModule: "A small sensor feels when you move and breathe.",
  seesDepth: "A depth sensor measures how far away things are. It sees a rough shape.",
  noCamera: "No camera. No pictures. No sound.",
  noSound: "No sound. No shape is kept.",
  whoSees: "Nurses on this ward can see it.",
  staffCheck: "Staff still check on you in person.",
  opened: "{who} has your page open now.",
  openedBreathing: "{who} has opened your breathing page.",

  stopEverything: "Stop everything",
  stopNow: "It stops at once. Nobody asks why.",
  pauseFor: "Pause for",
  pauseEnds: "After that it is on again by itself.",
  onAgain: "Turn on again",

  oneByOne: "One by one",
  offeredQuestion: "Do you want this?",
  stillQuestion: "You said yes to this. Is it still all right?",
  yesOn: "Yes, turn on",
  noNotNow: "No, not now",
  yesKeep: "Yes, keep it on",
  noOff: "No, turn it off",
  turnOn: "Turn on",
  turnOff: "Turn off",
  stateOn: "On now.",
  stateOnStaff: "On now. Staff decided this for you.",
  stateAllowedOff: "You said yes. The sensor is off.",
  stateAllowedIgnored: "You said yes. The sensor is not read.",
  stateAllowedUnknown: "You said yes. We can’t tell if it works.",
  stateOutOfHours: "You said yes. It is on from {from} to {to}.",
  stateOff: "Off.",
  stateNotRead: "Not read.",
  statePaused: "Paused. On again at {time}.",
  stateOffUnconfirmed: "You turned it off. Not confirmed yet.",
  stateExpired: "Off. Its time is over. Staff may ask you again.",
  until: "Ends by itself on {day}.",

  navWho: "Who looked",
  navAbout: "What is this?",
  navAsk: "Ask or complain",
  navHow: "How is this for you?",
  navProof: "Check it later",
  navBack: "Back",
  language: "Language",
  larger: "Larger text",
  smaller: "Smaller text",
  readAloud: "Read aloud",
  stopReading: "Stop reading",
  more: "More",
  notTheOnlyCheck: "This is not a medical device. It is never the only check. Staff still check on you.",
  today: "Today",
  simulated: "Simulated",
  recording: "Recording",
} as const;

export type BedsideKey = keyof typeof englishBedside;
export type BedsideWords = Readonly<Record<BedsideKey, string>>;

export const englishPurposes: Readonly<Record<Purpose, string>> = {
  "movement-alerts": "Movement alerts",
  "breathing-rate": "Breathing rate",
  "night-report": "Night report",
  "activity-summary": "Activity summary",
  "incident-review": "Incident review",
};

/** Somebody of this role, and the role beside a name. */
export interface RoleWords {
  readonly someone: string;
  readonly role: string;
}
export const englishRoles: Readonly<Record<Looker, RoleWords>> = {
  nurse: { someone: "A nurse", role: "nurse" },
  "nurse-in-charge": { someone: "The nurse in charge", role: "nurse in charge" },
  "governance-lead": { someone: "The governance lead", role: "governance lead" },
  engineer: { someone: "An engineer", role: "engineer" },
  advocate: { someone: "Somebody with your code", role: "with your code" },
};
