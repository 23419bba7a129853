// The registry, asked over its REST interface (docs/rest.md).

import { query } from './place.js';

/** How long an answer may take. */
const PATIENCE = 10_000;

/** A difference of clocks below this is that of the second to which an answer's date is told. */
const CLOCKS_AGREE = 2_000;

/** Nobody answered. */
export class Unreachable extends Error {}

/** It answered that it will not, in words for people. */
export class Refused extends Error {
  constructor(status, problem) {
    super(problem?.detail ?? problem?.title ?? `the registry answered ${status}`);
    this.status = status;
    this.kind = problem?.type ?? '';
  }
}

let ahead = 0;

/** The time by the registry's clock, which may differ from this machine's. */
export function now() {
  return Date.now() + ahead;
}

/** A document of the interface. `path` is below the page, its parts encoded. */
export async function ask(path, parameters, signal) {
  const { status, document } = await fetched(path + query(parameters), signal);
  if (status !== 200) throw new Refused(status, document);
  return document;
}

/** The same; null where the registry says that there is no such instance. */
export async function askIfAny(path, parameters, signal) {
  try {
    return await ask(path, parameters, signal);
  } catch (fault) {
    if (fault instanceof Refused && fault.kind.endsWith(':unknown-instance')) return null;
    throw fault;
  }
}

/** How the registry is: told with a 503 while it stops. */
export async function readiness(signal) {
  const { status, document } = await fetched('readyz', signal);
  if (document?.status === undefined) throw new Refused(status, document);
  return document;
}

/** Whether an instance can be asked for: a browser takes these names, however written, for steps in a path. */
export function isAskable({ service, id }) {
  return ![service, id].some((name) => name === '.' || name === '..');
}

/** The path of an instance that is askable. */
export function pathOf({ service, id }) {
  return `api/v1/services/${encodeURIComponent(service)}/instances/${encodeURIComponent(id)}`;
}

async function fetched(path, signal) {
  const patient = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE)]);
  try {
    // Relative, so that the page may be served below another path by a proxy.
    const answer = await fetch(new URL(path, document.baseURI), {
      cache: 'no-store',
      headers: { accept: 'application/json' },
      signal: patient,
    });
    noteClock(answer.headers.get('date'));
    return { status: answer.status, document: parsed(await answer.text()) };
  } catch (fault) {
    signal.throwIfAborted();
    throw new Unreachable(fault.message);
  }
}

function noteClock(date) {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return;
  const difference = theirs - Date.now();
  ahead = Math.abs(difference) < CLOCKS_AGREE ? 0 : difference;
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null; // a proxy's own page, or nothing
  }
}
