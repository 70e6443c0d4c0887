import type { FastifyInstance } from "fastify";
import { type Characteristic, Characteristics, characteristics } from "../../../edge-agent/contract/characteristics.ts";
import { type Choice, readAs, textOf } from "./form-body.ts";
import { personForm } from "./person-form.ts";
import type { PersonDeps } from "./visit.ts";

export const characteristicWords: Readonly<Record<Characteristic, string>> = {
  age: "Age",
  disability: "A disability",
  genderReassignment: "Gender different from the sex registered at birth",
  marriage: "Married or in a civil partnership",
  pregnancy: "Pregnant, or had a baby in the last 26 weeks",
  race: "Ethnic group",
  religion: "Religion or belief",
  sex: "Sex",
  sexualOrientation: "Sexual orientation",
};

export const groupWords: Readonly<Record<string, string>> = {
  "18-to-24": "18 to 24",
  "25-to-44": "25 to 44",
  "45-to-64": "45 to 64",
  "65-and-older": "65 and older",
  yes: "Yes",
  no: "No",
  asian: "Asian or Asian British",
  black: "Black, Black British, Caribbean or African",
  mixed: "Mixed or multiple ethnic groups",
  white: "White",
  other: "Other ethnic group",
  none: "No religion",
  christian: "Christian",
  muslim: "Muslim",
  another: "Another",
  female: "Female",
  male: "Male",
  heterosexual: "Heterosexual or straight",
  "gay-or-lesbian": "Gay or lesbian",
  bisexual: "Bisexual",
  "not-told": "Not told",
};

/** Voluntary, and written only: the form is empty each time, because nobody on the ward reads what was told. */
export function characteristicsForm(app: FastifyInstance, deps: PersonDeps): void {
  personForm(app, deps, {
    path: "characteristics",
    template: "characteristics.njk",
    least: "nurse",
    did: "characteristics",
    refused: (visit) => (visit.tile?.stay == null ? "Nobody is admitted to this bed." : null),
    view: () => ({
      fields: characteristics.map((name) => ({ name, words: characteristicWords[name], groups: groupChoices(name) })),
    }),
    read(visit, _params, body) {
      const told = Object.fromEntries(
        characteristics.flatMap((name) => (textOf(body, name) === "" ? [] : [[name, textOf(body, name)]])),
      );
      const faults = Object.fromEntries(characteristics.map((name) => [name, "Choose one of these."]));
      const read = readAs(Characteristics, told, faults);
      if (!read.ok) return read;
      const stay = textOf(body, "stay");
      return { ok: true, value: { do: "characteristics", bed: visit.bed, stay, told: read.value } };
    },
  });
}

function groupChoices(name: Characteristic): Choice[] {
  const groups = Characteristics.shape[name].unwrap().options;
  return [
    { value: "", words: "Not asked, or not told", chosen: true },
    ...groups.map((group) => ({ value: group, words: groupWords[group] ?? group, chosen: false })),
  ];
}
