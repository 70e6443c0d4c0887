import { part } from "../part.ts";
import { goTo } from "../safe-ways.ts";

/* A page that could not be shown tries again by itself, once the ward computer is there. */

setInterval(() => void goTo("/bedside"), Number(part("maincontent").dataset.waitMs));
