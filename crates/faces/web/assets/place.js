// Places of this page and their addresses, which are in the fragment: `#/services/orders`. Each can be kept,
// sent to somebody else, and gone back to.
//
// Names may hold anything, slashes and percent signs too: each part is encoded by itself.

export const SERVICES = '#/';

/** A place's view, what its address names, and its parameters. An address that is none is that of `nowhere`. */
export function read(fragment) {
  const [path, query = ''] = split(fragment.replace(/^#?\/?/, ''));
  const parameters = new URLSearchParams(query);
  const names = decoded(path);
  if (names === null) return { view: 'nowhere', parameters };
  const [first, service, then, id] = names;
  if (names.length === 1 && first === '') return { view: 'services', parameters };
  if (names.length === 1 && first === 'departures') return { view: 'departures', parameters };
  if (first !== 'services' || !service) return { view: 'nowhere', parameters };
  if (names.length === 2) return { view: 'service', service, parameters };
  if (names.length === 4 && then === 'instances' && id) {
    return { view: 'instance', service, id, node: parameters.get('node') ?? '', parameters };
  }
  return { view: 'nowhere', parameters };
}

export function services(parameters = {}) {
  return `${SERVICES}${query(parameters)}`;
}

export function service(name, parameters = {}) {
  return `#/services/${encodeURIComponent(name)}${query(parameters)}`;
}

export function instance({ service: name, id, node }) {
  return `#/services/${encodeURIComponent(name)}/instances/${encodeURIComponent(id)}${query({ node })}`;
}

export function departures(parameters = {}) {
  return `#/departures${query(parameters)}`;
}

/** Those that say something, as `?name=value`; empty without any. */
export function query(parameters) {
  const given = Object.entries(parameters).filter(
    ([, value]) => value !== undefined && value !== null && value !== '',
  );
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

function split(text) {
  const mark = text.indexOf('?');
  return mark < 0 ? [text] : [text.slice(0, mark), text.slice(mark + 1)];
}

function decoded(path) {
  try {
    return path.split('/').map(decodeURIComponent);
  } catch {
    return null; // a percent sign that begins nothing
  }
}
