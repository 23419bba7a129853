// An address that names no place of this page.

import { element, link } from '../dom.js';
import * as place from '../place.js';

export const title = () => 'Nowhere';

export async function ask() {
  return {};
}

export function draw() {
  return [
    element('h1', {}, 'There is no such place'),
    element(
      'p',
      {},
      'The address names no service and no instance. ',
      link(place.SERVICES, {}, 'See all services'),
      '.',
    ),
  ];
}
