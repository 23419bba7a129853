// Tables that become cards where there is no room for columns.
//
// The roles are said again because a style sheet that lays a table out as cards would take them away.

import { element } from '../dom.js';

/** `columns` are names; each row has a `key` and a cell for each column, the first of which names the row. */
export function table(caption, columns, rows) {
  const heads = columns.map((name) => element('th', { scope: 'col', role: 'columnheader' }, name));
  return element(
    'table',
    { role: 'table' },
    element('caption', {}, caption),
    element('thead', { role: 'rowgroup' }, element('tr', { role: 'row' }, heads)),
    element(
      'tbody',
      { role: 'rowgroup' },
      rows.map((row) => line(columns, row)),
    ),
  );
}

function line(columns, { key, cells }) {
  const [first, ...rest] = cells;
  return element(
    'tr',
    { role: 'row', 'data-key': key },
    element('th', { scope: 'row', role: 'rowheader' }, first),
    rest.map((cell, at) => element('td', { role: 'cell', 'data-label': columns[at + 1] }, cell)),
  );
}
