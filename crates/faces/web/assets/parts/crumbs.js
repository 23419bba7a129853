// The way back up.

import { element, link } from '../dom.js';
import * as place from '../place.js';

/** From all services down to a service, or to an instance of it. */
export function crumbs(service, id) {
  return element(
    'nav',
    { 'aria-label': 'Where this is', class: 'crumbs' },
    link(place.SERVICES, {}, 'Services'),
    ' / ',
    id === undefined ? element('span', {}, service) : link(place.service(service), {}, service),
  );
}
