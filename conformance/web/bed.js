// Where a case is played: a registry of its own, providers, and a browser that is listened to.
'use strict';

const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { Provider } = require('./provider');
const { Registry } = require('./registry');

/** Milliseconds for anything on the page to become so; far above what anything takes. */
const PATIENCE = 15_000;

class Bed {
  #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lubdub-web-'));
  #providers = [];
  #noise = [];
  #expected = [];

  async open() {
    // Only here, so that the cases can be listed where it is not installed.
    const { chromium } = require('playwright-core');
    this.registry = new Registry(this.#folder);
    await this.registry.start();
    this.browser = await chromium.launch({ executablePath: chromiumPath() });
    this.page = await this.newPage({});
  }

  /** A page of its own, such as one as wide as a phone. */
  async newPage(settings) {
    const context = await this.browser.newContext(settings);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE);
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.#noise.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.#noise.push(`error: ${error.stack}`));
    page.on('dialog', (dialog) => {
      this.#noise.push(`dialog: ${dialog.message()}`);
      dialog.dismiss();
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${this.registry.url}/`))
        this.#noise.push(`asked elsewhere: ${request.url()}`);
    });
    return page;
  }

  /** A file with this content. */
  file(name, content) {
    const file = path.join(this.#folder, name);
    fs.writeFileSync(file, content);
    return file;
  }

  /** Opens a place of the page, such as `#/services/orders`. */
  async at(place, page = this.page) {
    await page.goto(`${this.registry.url}/${place}`);
    await page.locator('h1').waitFor();
    return page;
  }

  /** One that registers and beats, until it is told otherwise. */
  async provider(service, id, settings = {}) {
    const provider = new Provider(this.registry.url, service, id, settings);
    this.#providers.push(provider);
    await provider.register();
    return provider;
  }

  /** From now on the browser may complain in these words. */
  expectNoise(pattern) {
    this.#expected.push(pattern);
  }

  /** The browser complained of nothing: no error, no violation of the policy, no request to anywhere else. */
  mustBeQuiet() {
    const noise = this.#noise.filter((line) => !this.#expected.some((pattern) => pattern.test(line)));
    if (noise.length > 0) throw new Error(`the browser complains: ${noise.join('; ')}`);
  }

  /** What a person would want to see of a case that failed. */
  async tell() {
    if (this.#noise.length > 0) console.log(`  the browser says:\n    ${this.#noise.join('\n    ')}`);
    const text = await this.page
      ?.locator('body')
      .innerText({ timeout: 1_000 })
      .catch(() => '');
    if (text) console.log(`  the page shows:\n    ${text.split('\n').join('\n    ')}`);
    console.log(
      `  the registry says:\n    ${this.registry?.log().trimEnd().split('\n').slice(-20).join('\n    ')}`,
    );
  }

  async close() {
    for (const provider of this.#providers) provider.kill();
    await this.browser?.close();
    await this.registry?.kill();
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** The browser's program: what LUBDUB_CHROMIUM names, or `chromium`, as a path. */
function chromiumPath() {
  const name = process.env.LUBDUB_CHROMIUM ?? 'chromium';
  const places = name.includes('/') ? [''] : process.env.PATH.split(path.delimiter);
  const found = places.map((place) => path.join(place, name)).find((file) => fs.existsSync(file));
  if (!found) throw new Error(`there is no ${name}; on Debian it comes with: sudo apt-get install chromium`);
  return found;
}

module.exports = { Bed };
