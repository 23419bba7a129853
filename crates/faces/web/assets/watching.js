// Looking again and again: at a civil pace, only while somebody looks, and honestly about what is old.

import { Unreachable, now } from './registry.js';

/** Between two looks, in milliseconds. */
const PACE = 5_000;

/** Between two tries while nobody answers. */
const PACE_WHILE_UNREACHABLE = 2_000;

/** Times that are told as `12 s ago` are told anew each second. */
const TELL = 1_000;

export class Watching {
  /**
   * `show` is given the picture: its `data` (null before the first), when that was `seen` and what time is `now`, by
   * the registry's clock, and the `fault` of the last look.
   */
  constructor(show) {
    this.show = show;
    this.picture = { data: null, seen: null, fault: null };
    this.turn = new AbortController();
    this.next = 0;
    setInterval(() => document.hidden || this.redraw(), TELL);
    document.addEventListener('visibilitychange', () => (document.hidden ? this.rest() : this.look()));
    addEventListener('online', () => this.look());
  }

  /** From now on looks at this: `ask(signal, before)` answers what is to be drawn, `before` being the last answer. */
  turnTo(ask, pace = PACE) {
    this.ask = ask;
    this.pace = pace;
    // What was seen before stays for the moment that an answer takes; a longer one is told of.
    this.picture = { ...this.picture, data: null };
    this.look();
  }

  /** Shows the same again. */
  redraw() {
    this.show({ ...this.picture, now: now() });
  }

  rest() {
    clearTimeout(this.next);
    this.turn.abort();
  }

  async look() {
    this.rest();
    this.turn = new AbortController();
    const { signal } = this.turn;
    try {
      const data = await this.ask(signal, this.picture.data);
      if (signal.aborted) return;
      this.picture = { data, seen: now(), fault: null };
    } catch (fault) {
      if (signal.aborted) return;
      // What was seen stays: it is old, and is called so.
      this.picture = { ...this.picture, fault };
      if (!fault.status && !(fault instanceof Unreachable)) console.error(fault);
    }
    this.redraw();
    const pace = this.picture.fault instanceof Unreachable ? PACE_WHILE_UNREACHABLE : this.pace;
    if (!document.hidden) this.next = setTimeout(() => this.look(), pace);
  }
}
