/*
 * Draws plain descriptions of elements, and changes only what differs from what is there. A button that is rebuilt each
 * second loses the keyboard's focus and swallows clicks, and a live region that is rebuilt is read out again.
 */

export interface ElementSpec {
  readonly tag: string;
  /** Elements with a key are found again wherever they moved to among their siblings. */
  readonly key: string | undefined;
  readonly attributes: Readonly<Record<string, string>>;
  readonly onClick: ((event: Event) => void) | undefined;
  readonly children: readonly Child[];
}
export type Child = ElementSpec | string | null;

interface Attributes {
  readonly key?: string;
  readonly onClick?: (event: Event) => void;
  readonly [name: string]: string | number | boolean | null | undefined | ((event: Event) => void);
}

/** False, null and undefined attributes are left out; true is an empty one. */
export function h(
  tag: string,
  given: Attributes = {},
  ...children: readonly (Child | readonly Child[])[]
): ElementSpec {
  const { key, onClick, ...rest } = given;
  const attributes: Record<string, string> = {};
  for (const [name, value] of Object.entries(rest)) {
    if (value === false || value === null || value === undefined || typeof value === "function") continue;
    attributes[name] = value === true ? "" : String(value);
  }
  return { tag, key, attributes, onClick, children: children.flat() };
}

const keys = new WeakMap<Node, string>();
const svgNamespace = "http://www.w3.org/2000/svg";

/** Makes the children of `parent` be what `wanted` describes. Only this function may change them. */
export function draw(parent: Element, wanted: readonly Child[]): void {
  const keyed = new Map<string, Element>();
  for (const node of parent.childNodes) {
    const key = keys.get(node);
    if (key !== undefined && node instanceof Element) keyed.set(key, node);
  }
  let here: ChildNode | null = parent.firstChild;
  for (const child of wanted) {
    if (child === null) continue;
    const found = findNode(child, here, keyed) ?? makeNode(child, parent);
    if (found === here) here = here.nextSibling;
    else parent.insertBefore(found, here);
    fill(found, child);
  }
  while (here !== null) {
    const next: ChildNode | null = here.nextSibling;
    here.remove();
    here = next;
  }
}

function findNode(child: ElementSpec | string, here: ChildNode | null, keyed: Map<string, Element>) {
  if (typeof child === "string") return here instanceof Text ? here : undefined;
  if (child.key !== undefined) {
    const found = keyed.get(child.key);
    return found?.localName === child.tag ? found : undefined;
  }
  const fits = here instanceof Element && here.localName === child.tag && !keys.has(here);
  return fits ? here : undefined;
}

function makeNode(child: ElementSpec | string, parent: Element): ChildNode {
  if (typeof child === "string") return document.createTextNode(child);
  const inSvg = child.tag === "svg" || parent.namespaceURI === svgNamespace;
  const element = inSvg ? document.createElementNS(svgNamespace, child.tag) : document.createElement(child.tag);
  if (child.key !== undefined) keys.set(element, child.key);
  return element;
}

function fill(node: ChildNode, child: ElementSpec | string): void {
  if (typeof child === "string") {
    if (node.nodeValue !== child) node.nodeValue = child;
    return;
  }
  if (!(node instanceof Element)) return;
  for (const name of node.getAttributeNames()) if (!(name in child.attributes)) node.removeAttribute(name);
  for (const [name, value] of Object.entries(child.attributes)) {
    if (node.getAttribute(name) !== value) node.setAttribute(name, value);
  }
  if (node instanceof HTMLElement) node.onclick = child.onClick ?? null;
  draw(node, child.children);
}
