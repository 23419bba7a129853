// A life with eureka-js-client: orders come as lines of JSON, and each is answered with one.
'use strict';

const readline = require('node:readline');
const { Eureka } = require('eureka-js-client');

const told = JSON.parse(process.argv[2]);
const server = new URL(told.server);
const log = (...words) => console.error(...words);

let noted = [];
const client = new Eureka({
  instance: {
    app: told.app,
    instanceId: told.instance,
    hostName: told.host,
    ipAddr: told.host,
    port: { $: told.port, '@enabled': true },
    vipAddress: told.app,
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
    leaseInfo: { renewalIntervalInSecs: told.interval, durationInSecs: told.ttl },
  },
  eureka: {
    host: server.hostname,
    port: server.port,
    servicePath: '/eureka/v2/apps/',
    heartbeatInterval: told.interval * 1000,
    registryFetchInterval: told.interval * 1000,
    requestRetryDelay: 100,
    registerWithEureka: told.register,
    fetchRegistry: told.fetch,
  },
  shouldUseDelta: told.delta,
  logger: { debug() {}, info: log, warn: log, error: log },
});

// Every request of the library goes through this method, and again for each further attempt.
const original = client.eurekaRequest;
client.eurekaRequest = function eurekaRequest(options, callback, attempt) {
  if (attempt) return original.call(this, options, callback, attempt);
  const what = `${options.method || 'GET'} apps/${options.uri}`;
  return original.call(this, options, (error, response, body) => {
    noted.push(`${what} ${error ? 'failed' : response.statusCode}`);
    callback(error, response, body);
  });
};

const orders = {
  start: () => new Promise((done, fail) => client.start((error) => (error ? fail(error) : done()))),
  stop: () => new Promise((done, fail) => client.stop((error) => (error ? fail(error) : done()))),
  offers: async ({ app }) => {
    const ids = (instances) => instances.map((instance) => instance.instanceId).sort();
    const byVip = ids(client.getInstancesByVipAddress(app));
    // With deltas the library takes the wrong instance from its list by name (it passes an array to
    // splice as the index, `deleteInstance` in EurekaClient.js); that by VIP address is right.
    if (told.delta) return byVip;
    const byApp = ids(client.getInstancesByAppId(app));
    if (byApp.join() !== byVip.join()) throw new Error(`by name ${byApp}, by VIP address ${byVip}`);
    return byApp;
  },
  requests: async () => {
    const before = noted;
    noted = [];
    return before;
  },
};

readline.createInterface({ input: process.stdin }).on('line', async (line) => {
  const order = JSON.parse(line);
  let answer;
  try {
    answer = { ok: (await orders[order.do](order)) ?? null };
  } catch (fault) {
    answer = { error: fault.message };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`, () => {
    if (order.do === 'stop') process.exit(0);
  });
}).on('close', () => process.exit(0));
