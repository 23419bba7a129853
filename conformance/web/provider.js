// One that registers over Eureka's protocol and beats.
'use strict';

class Provider {
  #path;
  #document;
  #beating = null;

  /** `ttl` and `beat` are in seconds; 0 never beats. `more` is put into the registration. */
  constructor(
    url,
    service,
    id,
    { ttl = 30, beat = 0, host = '127.0.0.1', status = 'UP', metadata = {}, ...more } = {},
  ) {
    const app = encodeURIComponent(service);
    this.#path = {
      register: `${url}/eureka/apps/${app}`,
      own: `${url}/eureka/apps/${app}/${encodeURIComponent(id)}`,
    };
    this.beat = beat;
    this.#document = {
      instance: {
        instanceId: id,
        app: service,
        hostName: host,
        ipAddr: host,
        status,
        vipAddress: service,
        port: { $: 8080, '@enabled': 'true' },
        leaseInfo: { durationInSecs: ttl, renewalIntervalInSecs: Math.max(1, Math.round(ttl / 3)) },
        dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
        metadata,
        ...more,
      },
    };
  }

  async register() {
    await this.#ask('POST', this.#path.register, this.#document);
    if (this.beat > 0) {
      this.#beating = setInterval(() => this.renew().catch(() => {}), this.beat * 1000);
    }
  }

  async renew() {
    await this.#ask('PUT', this.#path.own);
  }

  /** Falls silent, as a process that is killed. */
  kill() {
    clearInterval(this.#beating);
  }

  async leave() {
    this.kill();
    await this.#ask('DELETE', this.#path.own);
  }

  async #ask(method, url, document) {
    const body = document && JSON.stringify(document);
    const answer = await fetch(url, {
      method,
      body,
      headers: body ? { 'content-type': 'application/json' } : {},
    });
    if (!answer.ok) throw new Error(`${method} ${url}: ${answer.status} ${await answer.text()}`);
  }
}

module.exports = { Provider };
