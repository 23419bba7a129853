// Beats as a picture: a blip for each beat that came, a ring for each that was promised and did not, and the
// silence up to the end, in proportion. What it shows stands beside it in words.
//
// Places are percentages, so that it is as wide as there is room.

import { shape } from '../dom.js';
import { rhythm } from '../words/silence.js';
import { span } from '../words/span.js';

const BASE = 26;
const LEFT = 2;
const WIDTH = 95;

/** Narrower than this part of the picture, an interval has no room for its length. */
const LABELLED = 0.08;

/** So many rings are still told apart. */
const MOST_MISSED = 24;

/**
 * `intervals` (the newest first), then `silent` up to now or to the end; `interval` was promised, and the lease
 * allows `ttl`. `ended`: whether that silence was the end of it. All in milliseconds.
 */
export function picture({ intervals, silent, interval, ttl, ended }) {
  const before = intervals.reduce((sum, millis) => sum + millis, 0);
  const whole = Math.max(1, before + (ended ? silent : Math.max(silent, ttl ?? 0)));
  const at = (millis) => `${(LEFT + (WIDTH * millis) / whole).toFixed(2)}%`;

  const beats = [0];
  for (const millis of [...intervals].reverse()) beats.push(beats.at(-1) + millis);
  const labels = beats.slice(1).map((end, place) => {
    const long = end - beats[place];
    return long / whole < LABELLED ? null : label(at(end - long / 2), span(long), 'interval');
  });
  return shape(
    'svg',
    { class: 'rhythm', role: 'img', 'aria-label': described(intervals, silent, ended), height: 56 },
    line(at(0), at(before + silent), 'past'),
    !ended && ttl > silent ? line(at(before + silent), at(before + ttl), 'ahead') : null,
    missed(interval, silent).map((millis) =>
      shape('circle', { cx: at(before + millis), cy: BASE, r: 4, class: 'missed' }),
    ),
    beats.map((beat) => blip(at(beat))),
    labels,
    silent / whole < LABELLED
      ? null
      : label(at(before + silent / 2), `silent ${span(silent)}`, ended ? 'silence' : 'length'),
    ended ? end(at(before + silent), 'end') : null,
    !ended && ttl ? end(at(before + ttl), 'deadline') : null,
  );
}

function described(intervals, silent, ended) {
  const before = intervals.length === 0 ? 'One beat' : `Beats at intervals of ${rhythm(intervals)}`;
  return `${before}, then silence for ${span(silent)}${ended ? ', and the end' : ' so far'}`;
}

/** When beats were promised after the last one, and did not come. */
function missed(interval, silent) {
  const number = interval > 0 ? Math.floor(silent / interval) : 0;
  if (number > MOST_MISSED) return [];
  // One that is due in the very moment is not missed yet.
  return Array.from({ length: number }, (_, place) => (place + 1) * interval).filter(
    (millis) => millis < silent * 0.99,
  );
}

function blip(x) {
  const path = `M-9 ${BASE}h4l2-4 2.500 14 3.500-26 3 20 1.500-4h4`;
  return shape('svg', { x, overflow: 'visible' }, shape('path', { d: path, class: 'blip' }));
}

function line(from, to, kind) {
  return shape('line', { x1: from, x2: to, y1: BASE, y2: BASE, class: kind });
}

function end(x, kind) {
  return shape('line', { x1: x, x2: x, y1: BASE - 14, y2: BASE + 14, class: kind });
}

function label(x, text, kind) {
  return shape('text', { x, y: BASE + 24, 'text-anchor': 'middle', class: kind }, text);
}
