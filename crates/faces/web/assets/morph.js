// Turns what is shown into what is to be shown, and touches only what differs: whoever reads, selects, scrolls
// or has the focus somewhere is not disturbed by a picture that is drawn anew each second.

/** Makes the children of `shown` those of `wanted`. Children with the same `data-key` are the same. */
export function morphChildren(shown, wanted) {
  const keys = new Set([...wanted.childNodes].map(keyOf).filter((key) => key !== null));
  const kept = new Map();
  for (const child of [...shown.childNodes]) {
    const key = keyOf(child);
    if (key === null) continue;
    // Those that went are taken out first, so that those behind them need not move.
    if (keys.has(key)) kept.set(key, child);
    else child.remove();
  }
  let place = shown.firstChild;
  for (const child of [...wanted.childNodes]) {
    const key = keyOf(child);
    let match = key === null ? place : (kept.get(key) ?? null);
    if (match !== null && (keyOf(match) !== key || match.nodeName !== child.nodeName)) match = null;
    if (match === null) {
      shown.insertBefore(child, place);
    } else {
      if (match === place) place = place.nextSibling;
      else shown.insertBefore(match, place);
      morphNode(match, child);
    }
  }
  while (place) {
    const next = place.nextSibling;
    place.remove();
    place = next;
  }
}

function morphNode(shown, wanted) {
  if (shown.nodeType === Node.TEXT_NODE) {
    if (shown.data !== wanted.data) shown.data = wanted.data;
    return;
  }
  if (shown.nodeName === 'INPUT') morphInput(shown, wanted);
  for (const { name } of [...shown.attributes]) {
    if (!wanted.hasAttribute(name)) shown.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (shown.getAttribute(name) !== value) shown.setAttribute(name, value);
  }
  morphChildren(shown, wanted);
}

/** What somebody typed is theirs, until the place says something else. */
function morphInput(shown, wanted) {
  if (shown.getAttribute('value') !== wanted.getAttribute('value') && shown !== document.activeElement) {
    shown.value = wanted.value;
  }
  if (shown.hasAttribute('checked') !== wanted.hasAttribute('checked')) shown.checked = wanted.checked;
}

function keyOf(node) {
  return node.nodeType === Node.ELEMENT_NODE ? node.getAttribute('data-key') : null;
}
