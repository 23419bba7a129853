// A real `lubdub serve`, on a port of its own with a data directory that outlives its process.
'use strict';

const { spawn, spawnSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');
const readline = require('node:readline');

const LISTENING = /^listening on (http:\/\/127\.0\.0\.1:(\d+))$/;

/** Milliseconds; so long it may take to start on a busy machine. */
const PATIENCE = 20_000;

class Registry {
  #log;
  #data;
  #process = null;
  #port = 0;

  constructor(folder) {
    this.#log = path.join(folder, 'registry.log');
    this.#data = path.join(folder, 'data');
  }

  /** Starts it; again on the port that it had. `more` is added to its command line. */
  async start(...more) {
    const until = Date.now() + PATIENCE;
    while (!(await this.#listening(more))) {
      // The port may be taken for a moment by an outgoing connection of someone else.
      if (this.#port === 0 || Date.now() > until)
        throw new Error(`the registry did not start: ${this.log()}`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  #listening(more) {
    const binary = process.env.LUBDUB_BIN;
    if (!binary)
      throw new Error('LUBDUB_BIN must be the path of the lubdub binary; cargo xtask conformance sets it');
    const environment = Object.entries(process.env).filter(([name]) => !name.startsWith('LUBDUB_'));
    const log = fs.openSync(this.#log, 'a');
    const own = ['serve', '--listen', `127.0.0.1:${this.#port}`, '--data', this.#data];
    this.#process = spawn(binary, [...own, ...more], {
      env: Object.fromEntries(environment),
      stdio: ['ignore', 'pipe', log],
    });
    fs.closeSync(log);
    return new Promise((done, fail) => {
      this.#process.once('error', fail);
      const lines = readline.createInterface({ input: this.#process.stdout });
      lines.on('line', (line) => {
        fs.appendFileSync(this.#log, `${line}\n`);
        const found = LISTENING.exec(line);
        if (!found) return;
        [, this.url] = found;
        this.#port = Number(found[2]);
        done(true);
      });
      lines.on('close', () => done(false));
    });
  }

  /** SIGKILL, and waits for its end. */
  async kill() {
    const running = this.#process;
    if (!running || running.exitCode !== null || running.signalCode !== null) return;
    const ended = new Promise((done) => running.once('exit', done));
    running.kill('SIGKILL');
    await ended;
  }

  /** What it wrote, over all its starts. */
  log() {
    return fs.existsSync(this.#log) ? fs.readFileSync(this.#log, 'utf8') : '';
  }

  /** The lines of `lubdub why SERVICE/ID`. */
  why(whom) {
    const told = spawnSync(process.env.LUBDUB_BIN, ['why', whom, '--server', this.url], { encoding: 'utf8' });
    if (told.status !== 0) throw new Error(`lubdub why ${whom}: ${told.stderr}`);
    return told.stdout.split('\n');
  }

  /** A document of its REST interface. */
  async ask(place) {
    const answer = await fetch(this.url + place);
    if (!answer.ok) throw new Error(`GET ${place}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }
}

module.exports = { Registry };
