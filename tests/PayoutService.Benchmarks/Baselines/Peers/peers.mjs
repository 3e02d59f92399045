// One HTTP call for each job, by a job queue that others use on PostgreSQL: node peers.mjs <peer> <options as JSON>.
// The options name the database (pg), the address of the call (url), the certificate to trust (ca) and the file with the
// bodies, one a line (bodies). Prints how many calls were answered well, in how many seconds, and in each second.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import PgBoss from 'pg-boss';
import pg from 'pg';
import { Logger, run } from 'graphile-worker';

const AtOnce = 64;
const Local = 500;
const Batch = 100;
const QueuedAtOnce = 5000;

const [peer, json] = process.argv.slice(2);
const options = JSON.parse(json);
const bodies = readFileSync(options.bodies, 'utf8').split('\n').filter((line) => line);
const agent = new https.Agent({ keepAlive: true, maxSockets: 256, ca: readFileSync(options.ca) });
const url = new URL(options.url);

let done = 0;
let began = 0;
const perSecond = [];
let finish;
const all = new Promise((resolve) => { finish = resolve; });

function post(body) {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
    const request = https.request(url, { method: 'POST', agent, headers }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => (JSON.parse(text).ret_code === '000100'
        ? resolve() : reject(new Error(`A call was answered ${text}`))));
    });
    request.on('error', reject);
    request.end(body);
  });
}

async function work(body) {
  await post(body);
  const second = Math.floor((Date.now() - began) / 1000);
  perSecond[second] = (perSecond[second] ?? 0) + 1;
  done += 1;
  if (done === bodies.length) {
    finish();
  }
}

function chunks(size) {
  return Array.from({ length: Math.ceil(bodies.length / size) }, (_, at) => bodies.slice(at * size, (at + 1) * size));
}

const peers = {
  // Its local queue, as its documentation advises for throughput.
  async graphile() {
    const pool = new pg.Pool({ ...options.pg, max: 20 });
    pool.on('error', (error) => { throw error; });
    pool.on('connect', (client) => client.on('error', (error) => { throw error; }));
    const preset = {
      worker: {
        concurrentJobs: AtOnce, pollInterval: 500, localQueue: { size: Local },
        completeJobBatchDelay: 0, failJobBatchDelay: 0, logger: new Logger(() => () => {}),
      },
    };
    const settings = { pgPool: pool, taskList: { pay: (job) => work(job.body) }, preset, noHandleSignals: true };
    const migrating = await run({ ...settings, taskList: { none: () => {} } });
    await migrating.stop();
    for (const chunk of chunks(QueuedAtOnce)) {
      await pool.query(
        "SELECT graphile_worker.add_job('pay', json_build_object('body', body)) FROM unnest($1::text[]) AS body", [chunk]);
    }
    await pool.query('VACUUM ANALYZE');
    began = Date.now();
    const runner = await run(settings);
    await all;
    const ended = Date.now();
    await runner.stop();
    return ended;
  },

  // Fetched and completed in batches, so that no poll is waited for.
  batches: () => boss(Batch, 4),

  single: () => boss(1, 1),
};

async function boss(batchSize, loops) {
  const queue = new PgBoss({ ...options.pg, max: 20, schedule: false, supervise: false });
  queue.on('error', (error) => { throw error; });
  await queue.start();
  await queue.createQueue('pay');
  for (const chunk of chunks(QueuedAtOnce)) {
    await queue.insert(chunk.map((body) => ({ name: 'pay', data: { body } })));
  }
  const pool = new pg.Pool({ ...options.pg, max: 1 });
  await pool.query('VACUUM ANALYZE');
  await pool.end();
  began = Date.now();
  await Promise.all(Array.from({ length: loops }, async () => {
    while (done < bodies.length) {
      const jobs = await queue.fetch('pay', { batchSize });
      if (jobs.length === 0) {
        break;
      }
      await Promise.all(jobs.map((job) => work(job.data.body)));
      await queue.complete('pay', jobs.map((job) => job.id));
    }
  }));
  const ended = Date.now();
  await queue.stop({ graceful: false });
  return ended;
}

const ended = await peers[peer]();
console.log(JSON.stringify({ jobs: done, seconds: (ended - began) / 1000, perSecond: Array.from(perSecond, (n) => n ?? 0) }));
process.exit(0);
