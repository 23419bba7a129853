// A life with eureka-js-client. Commands come one per line on stdin, "ok" is answered to each.
const { Eureka } = require('eureka-js-client');
const readline = require('readline');

const url = new URL(process.argv[2]);
const silent = { debug() {}, info() {}, warn() {}, error() {} };
const client = new Eureka({
  instance: {
    app: 'jqservice',
    instanceId: process.argv[3] === 'with-id' ? 'js-1.example:jqservice:3000' : undefined,
    hostName: 'js-1.example',
    ipAddr: '10.1.1.2',
    statusPageUrl: 'http://js-1.example:3000/info',
    port: { $: 3000, '@enabled': true },
    vipAddress: 'jq.test.something.com',
    dataCenterInfo: { '@class': 'com.netflix.appinfo.InstanceInfo$DefaultDataCenterInfo', name: 'MyOwn' },
  },
  eureka: {
    host: url.hostname,
    port: url.port,
    servicePath: '/eureka/v2/apps/',
    heartbeatInterval: 2000,
    registryFetchInterval: 2000,
  },
  shouldUseDelta: process.argv[4] === 'delta',
  logger: silent,
});

readline.createInterface({ input: process.stdin }).on('line', (line) => {
  const done = (err) => console.log(err ? `failed ${err.message}` : 'ok');
  if (line === 'start') client.start(done);
  else if (line === 'stop') client.stop((err) => { done(err); process.exit(0); });
}).on('close', () => process.exit(0));
