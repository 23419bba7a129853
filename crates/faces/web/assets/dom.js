// Making elements. What the registry tells was sent by strangers: here it becomes text and nothing else.

const SVG = 'http://www.w3.org/2000/svg';

/** An element. Children are elements or become text; null, undefined and false are left out. */
export function element(name, attributes = {}, ...children) {
  return filled(document.createElement(name), attributes, children);
}

/** The same in a picture. */
export function shape(name, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, name), attributes, children);
}

/** A link to another place of this page. */
export function link(href, attributes, ...children) {
  // Nothing that a stranger sent may decide where a link leads.
  if (!href.startsWith('#/')) throw new Error(`no place of this page: ${href}`);
  return element('a', { href, ...attributes }, ...children);
}

function filled(made, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== null && value !== undefined && value !== false) made.setAttribute(name, value);
  }
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) {
      made.append(child instanceof Node ? child : document.createTextNode(String(child)));
    }
  }
  return made;
}
