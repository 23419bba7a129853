// Whose word something was.

/** `by alice through rest from 10.0.0.9`. Empty where it was nobody's. */
export function askedBy({ operator, face, address }) {
  const by = operator == null ? null : `by ${operator}`;
  const through = face == null ? null : `through ${face}`;
  const asked = by || through ? 'from' : 'asked from';
  const from = address == null ? null : `${asked} ${address}`;
  return [by, through, from].filter((part) => part !== null).join(' ');
}

/** A word of the registry's that this page does not know, as people would write it. */
export function unknown(word) {
  return word.replace(/[_-]/g, ' ');
}
