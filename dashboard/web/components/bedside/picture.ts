import { type PictureName, picturePaths } from "../../../words/picture-paths.ts";
import { type ElementSpec, h } from "../../render.ts";

/** Words beside it say the same, so that a screen reader passes it over. */
export const picture = (name: PictureName): ElementSpec =>
  h(
    "svg",
    { class: "qr-picture", viewBox: "0 0 48 48", "aria-hidden": "true", focusable: "false" },
    h("path", { d: picturePaths[name] }),
  );
