// Names with their values.

import { element } from '../dom.js';

/** Pairs of a name and a value; those without a value are left out. */
export function facts(pairs) {
  const told = pairs.filter(([, value]) => value !== null && value !== undefined && value !== '');
  return element(
    'dl',
    { class: 'facts' },
    told.map(([name, value]) => element('div', {}, element('dt', {}, name), element('dd', {}, value))),
  );
}

/** A point in time: how long ago, and exactly. */
export function moment(words, at) {
  return element('time', { datetime: new Date(at).toISOString(), title: `${new Date(at)}` }, words);
}
