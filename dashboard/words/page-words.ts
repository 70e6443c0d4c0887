/* The pages behind the bedside screen, in plain words. Shown on the server's side; each line can be read aloud. */

export const englishPages = {
  whoLooked: {
    title: "Who looked",
    lead: "Each time that staff opened your page, or took a copy of your data.",
    board: "The nurses’ board on this ward always shows your bed. That is not listed here.",
    empty: "Nobody opened your page in this stay.",
    unread: "We can’t read the list right now. Ask staff, and try again later.",
    more: "There is more than is shown here. Ask for the whole list.",
    openedFor: "Open for {time}.",
    purposes: {
      TREAT: "To care for you.",
      PATRQT: "Because you asked.",
      HQUALIMP: "To check that things are done well.",
      BTG: "Because of an emergency. Two members of staff agreed.",
      PATSFTY: "To find out what happened. Two members of staff agreed.",
      other: "For another reason: {code}. You can ask why.",
    },
    what: {
      "/ward#person": "{who} opened your page.",
      export: "{who} took a copy of your data.",
      other: "{who} opened a page about you.",
    },
  },
  ask: {
    title: "Ask or complain",
    lead: "This does not go to the nurses on this ward. It goes to the people who check how the ward uses this.",
    question: "I want to ask",
    complaint: "I want to complain",
    words: "Your words (you can leave this empty)",
    advocate:
      "You can also ask for an advocate. An advocate is on your side and is not staff. Ask any nurse to call one for you.",
    sent: "Sent. Thank you. Somebody will come back to you.",
    failed: "It was not sent. Try again, or ask for an advocate.",
  },
  howIsIt: {
    title: "How is this for you?",
    lead: "You don’t have to answer. It is not put into your notes.",
    words: "Anything you want to say (you can leave this empty)",
    touch: "Touch one. It is sent at once.",
    good: "Good",
    okay: "Okay",
    notGood: "Not good",
    sent: "Sent. Thank you.",
    failed: "It was not sent. Try again later.",
  },
  letLook: {
    title: "Let somebody look with you",
    lead: "Your advocate, or somebody you choose, can read what is written down about you here. They can change nothing.",
    sees: "They see what you decided, who looked, and alarms and checks. They do not see a number as it is now.",
    hour: "For 1 hour",
    day: "For 1 day",
    week: "For 1 week",
    code: "Give them this code. It works once, and only today.",
    how: "They type it in at any screen here. The address ends with /advocate.",
    open: "Somebody may look until {time} on {day}.",
    waiting: "A code was given. Nobody has used it yet.",
    nobody: "Nobody may look now.",
    stop: "Stop it",
    failed: "That did not work. Ask staff, or try again later.",
  },
  about: {
    title: "What is this?",
    signed: "Watch this in sign language",
    parts: [
      {
        title: "What it is",
        radar:
          "There is a small radar in your room. It feels when you move, and how your chest moves when you breathe.",
        module: "There is a small sensor in your room. It feels when you move and breathe.",
        depth:
          "There is a depth sensor in your room. It measures how far away things are. It sees a rough shape, like this picture.",
        lines: [
          "It is off until you say yes.",
          "Staff may decide for you only if the law lets them. It is the law on mental capacity.",
          "You can stop it at any time with one touch. Nobody asks why.",
          "It does not replace staff. They still check on you in person.",
        ],
      },
      {
        title: "What is kept",
        lines: [
          "No picture and no sound is ever kept.",
          "With your yes: how often you breathe, and if you are in bed or moving.",
          "Everybody who looks is written down. Touch “Who looked” to see it.",
        ],
      },
      {
        title: "If something goes wrong",
        lines: [
          "After an incident, two named people may look at what was kept. They do it together.",
          "Only if you said yes to “Incident review”, or if a law asks for it.",
          "In an emergency, two named people may look for an hour at most.",
          "You see it under “Who looked”. Nobody can turn a sensor on to look at you.",
        ],
      },
      {
        title: "Whom to ask",
        lines: [
          "Ask any nurse. Ask for an advocate: they are on your side and are not staff.",
          "Family and carers can ask too.",
          "Touch “Ask or complain” to write to the people who check this ward.",
        ],
      },
    ],
  },
  proof: {
    title: "Check it later",
    lead: "Everything that is done here is written into a log. A change to the log can be found out later.",
    words: "Today’s four words",
    keep: "Write the words down, or take a photo of the square. An advocate can use them later to check that the log was not changed.",
    upTo: "They stand for everything that was written up to {time} on {day}.",
    empty: "There are no words yet. Try again later.",
    limitsTitle: "What this proves, and what not",
    limits: [
      "The four words are a short proof. Only an expert could get past them.",
      "An expert could make two logs first, both with the same four words. A computer needs about 4 million tries. That is quick.",
      "To change the log later is far harder. It takes about 18 million million tries.",
      "The square holds the whole proof. Today nobody can get past it. So keep a photo of it too.",
    ],
    qr: "A square code with the same proof, to photograph",
  },
  /** Where the site names its own. */
  advocate: { here: "The advocate here is {name}.", phone: "Phone: {phone}" },
  /** On a screen that is no bed's; in every language that the site has on. */
  pair: {
    lead: "This screen is not paired with a bed.",
    nothing: "It shows nothing. It turns nothing on or off.",
    patient: "Ask a nurse. They can turn anything off for you.",
  },
  problem: {
    title: "We can’t show this now.",
    words: "Ask staff. They can turn it off for you.",
    again: "This page tries again by itself.",
  },
  language: { title: "Language" },
} as const;

type Widened<T> = T extends string ? string : { readonly [K in keyof T]: Widened<T[K]> };
export type PageWords = Widened<typeof englishPages>;
