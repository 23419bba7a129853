// Spans of time and counts, as people say them. The command line says them the same way
// (crates/cli/src/words); words.json holds both to it.

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A span that was measured: `23 ms`, `3.0 s`, `1 min 30 s`. Cut, so that it never says more than there was. */
export function span(millis) {
  const seconds = Math.floor(millis / 1000);
  if (millis < 100) return `${Math.floor(millis)} ms`;
  if (seconds < MINUTE) return `${seconds}.${Math.floor((millis % 1000) / 100)} s`;
  return rough(millis);
}

/** A span of which only the size matters: `840 ms`, `41 s`, `2 h 5 min`. */
export function rough(millis) {
  const seconds = Math.floor(millis / 1000);
  if (seconds === 0) return `${Math.floor(millis)} ms`;
  if (seconds < MINUTE) return `${seconds} s`;
  if (seconds < HOUR) return inTwo(seconds, MINUTE, 'min', 1, 's');
  if (seconds < DAY) return inTwo(seconds, HOUR, 'h', MINUTE, 'min');
  return inTwo(seconds, DAY, 'd', HOUR, 'h');
}

/** A span that somebody chose, in full: `3 s`, `2.5 s`, `250 ms`. */
export function chosen(millis) {
  const seconds = Math.floor(millis / 1000);
  const rest = millis % 1000;
  if (rest === 0) return rough(millis);
  if (seconds === 0) return `${rest} ms`;
  return `${seconds}.${String(rest).padStart(3, '0').replace(/0+$/, '')} s`;
}

/** `1 service`, `2 services`. */
export function count(number, what) {
  return `${number} ${what}${number === 1 ? '' : 's'}`;
}

function inTwo(seconds, large, largeName, small, smallName) {
  const rest = Math.floor((seconds % large) / small);
  const whole = `${Math.floor(seconds / large)} ${largeName}`;
  return rest === 0 ? whole : `${whole} ${rest} ${smallName}`;
}
