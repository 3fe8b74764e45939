/** Faults of the flights' own parts: the database with its model, Gunicorn and its workers, the feature store. */
import { writeFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { inCache } from '../../build/paths.ts'
import { family } from '../../build/processes.ts'
import { preparedFlights } from '../../datasets/flights.ts'
import { loadIntoRedis } from '../../datasets/redis.ts'
import { postgresAddress } from '../../targets/address/postgres.ts'
import { withClient } from '../../targets/postgres/client.ts'
import { withRedis } from '../../targets/python/feature-store.ts'
import { type PythonService, startPythonService } from '../../targets/python/service.ts'
import { Stack } from '../../targets/stack.ts'
import {
  brief,
  clean,
  type Expected,
  expectedInWords,
  fine,
  inTheMidst,
  judged,
  type Loaded,
  loaded,
} from './load.ts'
import { relay } from './relay.ts'
import type { Group, Row } from './row.ts'
import { Trigger } from './trigger.ts'

export const stack = new Stack()
let service: PythonService
const thresholds = inCache('tests', 'faults', 'flights.json')

const redisUrl = () => String(stack.featureStore?.url)
const admin = (query: string) =>
  withClient(postgresAddress(String(stack.postgres?.url)), async (client) => void (await client.query(query)))
const inStore = (work: Parameters<typeof withRedis<unknown>>[1]) => withRedis(redisUrl(), work)

const port = () => Number(new URL(service.url).port)
const startService = async (port?: number) => {
  service = await startPythonService({
    prepared: preparedFlights,
    redisUrl: redisUrl(),
    home: inCache('tests', 'python-faults'),
    port,
  })
}
const workers = () => family(service.pid).slice(1)

/** Both, the service by way of a relay that says when the fault begins. */
async function compared(once?: () => Promise<unknown>): Promise<Loaded> {
  const trigger = new Trigger(inTheMidst)
  const line = await relay({ host: '127.0.0.1', port: port() }, trigger)
  let problem: unknown
  const done = trigger.begun
    .then(() => once?.())
    .catch((error) => {
      problem = error
    })
  try {
    const addresses = [
      '--postgres-url',
      String(stack.postgres?.url),
      '--python-url',
      `http://127.0.0.1:${line.port}/`,
    ]
    const args = [...addresses, '--keys', preparedFlights.keys, '--thresholds', thresholds, ...brief]
    const seen = await loaded({ env: {}, args, trigger })
    if (trigger.hasBegun) await done
    if (problem) throw problem
    return seen
  } finally {
    await line.close()
  }
}

/** @param after makes good what was done, before the run that must be clean */
const fault = (
  what: string,
  once: () => Promise<unknown>,
  expected: Expected,
  after: () => Promise<unknown> = async () => undefined,
): Row => ({
  what,
  expected: `${expectedInWords(expected)}; the next run is clean`,
  see: async () => {
    let seen: string
    try {
      seen = await judged(() => compared(once), expected)
    } finally {
      await after()
    }
    await clean(() => compared())
    return `${seen}; then a clean run`
  },
})

const of = (
  side: 'postgres' | 'python',
  told: RegExp,
  found: Expected['found'],
  codes = [3, 99],
): Expected => ({ codes, told, found, side })
const failing = (side: 'postgres' | 'python', told: RegExp) => of(side, told, ['failures'])
const signal = (pids: number[], name: NodeJS.Signals) => {
  for (const pid of pids) process.kill(pid, name)
}

/** Lists of the store as they are, by another form of what is there. */
const emptied = () => inStore((redis) => redis.flushDb())
async function filled(): Promise<void> {
  await emptied()
  if (stack.lists) await loadIntoRedis(redisUrl(), stack.lists, () => {})
}

/** All keys, at once. */
const ofAnotherType = "for _, key in ipairs(redis.call('KEYS', '*')) do redis.call('SET', key, 'x') end"

const outOfMemory = (policy: string) =>
  inStore(async (redis) => {
    await redis.configSet('maxmemory-policy', policy)
    await redis.configSet('maxmemory', '1')
  })
async function enoughMemory(): Promise<void> {
  await inStore(async (redis) => {
    await redis.configSet('maxmemory', '0')
    await redis.configSet('maxmemory-policy', 'noeviction')
  })
  await filled()
}

let indexes: string[] = []
async function dropIndexes(): Promise<void> {
  const { rows } = await withClient(postgresAddress(String(stack.postgres?.url)), (client) =>
    client.query<{ name: string; definition: string }>(
      `SELECT indexrelid::regclass::text AS name, pg_get_indexdef(indexrelid) AS definition
       FROM pg_index WHERE indrelid = 'flights'::regclass`,
    ),
  )
  indexes = rows.map(({ definition }) => definition)
  await admin(rows.map(({ name }) => `DROP INDEX ${name}`).join('; '))
}

const rows: Row[] = [
  fault(
    'another model deployed',
    () =>
      admin(`SELECT * FROM pgml.train('flights', 'regression', 'few', 'depdelayminutes', algorithm => 'xgboost', hyperparams => '{"n_estimators": 1}', automatic_deploy => true);
      SELECT * FROM pgml.deploy((SELECT max(id) FROM pgml.models))`),
    of('postgres', /same keys, same model/, ['other answers']),
    () => admin(`SELECT * FROM pgml.deploy('flights', 'rollback')`),
  ),
  fault(
    'the deployed model renamed away',
    () => admin(`UPDATE pgml.projects SET name = 'gone' WHERE name = 'flights'`),
    failing('postgres', /SQLSTATE|postgres/),
    () => admin(`UPDATE pgml.projects SET name = 'flights' WHERE name = 'gone'`),
  ),
  fault('every index of the flights dropped', dropIndexes, of('postgres', /steady/, ['step'], [3]), () =>
    admin(indexes.join('; ')),
  ),
  fault(
    'a Gunicorn worker killed',
    async () => signal(workers().slice(0, 1), 'SIGKILL'),
    of('python', /python/, ['failures', 'hole', 'lost connections']),
  ),
  fault(
    'all Gunicorn workers killed',
    async () => signal(workers(), 'SIGKILL'),
    of('python', /python/, ['failures', 'hole', 'lost connections']),
  ),
  fault(
    'Gunicorn killed with its workers',
    async () => signal(family(service.pid).reverse(), 'SIGKILL'),
    failing('python', /python/),
    () => startService(port()),
  ),
  fault(
    'all Gunicorn workers stopped for 4 s',
    async () => {
      const all = workers()
      signal(all, 'SIGSTOP')
      await sleep(4000)
      signal(all, 'SIGCONT')
    },
    of('python', /outside the turns/, ['hole'], [3]),
  ),
  fault(
    'all Gunicorn workers hung',
    async () => signal(workers(), 'SIGSTOP'),
    of('python', /python.* did not answer within 10 s/, ['unfinished'], [3]),
    async () => signal(workers(), 'SIGCONT'),
  ),
  fault(
    'Gunicorn reloaded (HUP)',
    async () => signal([service.pid], 'SIGHUP'),
    of('python', /python/, ['failures', 'hole', 'lost connections']),
  ),
  fault(
    'the feature store stopped for 4 s',
    async () => {
      const pid = Number(stack.featureStore?.pid)
      process.kill(pid, 'SIGSTOP')
      await sleep(4000)
      process.kill(pid, 'SIGCONT')
    },
    of('python', /outside the turns|HTTP 5/, ['hole', 'failures']),
  ),
  fault('the feature store emptied', emptied, failing('python', /HTTP \d/), filled),
  fault(
    'keys of another type in the feature store',
    () => inStore((redis) => redis.sendCommand(['EVAL', ofAnotherType, '0'])),
    failing('python', /HTTP 502/),
    filled,
  ),
  fault(
    'another password of the feature store',
    () =>
      inStore(async (redis) => {
        await redis.configSet('requirepass', 'other')
        await redis.sendCommand(['CLIENT', 'KILL', 'SKIPME', 'yes', 'TYPE', 'normal'])
      }),
    failing('python', /HTTP \d/),
    () =>
      withRedis(redisUrl().replace(/:[^:@]*@/, ':other@'), (redis) =>
        redis.configSet('requirepass', new URL(redisUrl()).password),
      ),
  ),
  fault(
    'the feature store out of memory, so that it forgets',
    () => outOfMemory('allkeys-random'),
    failing('python', /HTTP \d/),
    enoughMemory,
  ),
  fine('the feature store out of memory, so that it takes nothing more', () =>
    compared(() => outOfMemory('noeviction')).finally(enoughMemory),
  ),
]

export const ownParts: Group = {
  title: "The flights' own parts",
  before: async () => {
    for (const { work } of stack.steps) await work(() => {})
    await stack.service?.stop()
    await startService()
    await admin('CREATE TABLE IF NOT EXISTS few AS SELECT * FROM flights LIMIT 500')
    await writeFile(
      thresholds,
      JSON.stringify({ postgres: { maxFailureRate: 0 }, python: { maxFailureRate: 0 } }),
    )
  },
  after: async () => {
    await service.stop()
    await stack.stop()
  },
  rows,
}
