/** Faults of a database, and of the line to it, in the midst of a comparison. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { inCache } from '../../build/paths.ts'
import { family } from '../../build/processes.ts'
import { postgresAddress } from '../../targets/address/postgres.ts'
import { withClient } from '../../targets/postgres/client.ts'
import { type PostgresServer, startPostgres } from '../../targets/postgres/server.ts'
import {
  answerTo,
  clean,
  type Expected,
  expectedInWords,
  fine,
  httpSide,
  inTheMidst,
  judged,
  keys,
  type Loaded,
  loaded,
  sqlSide,
  writeWorkload,
} from './load.ts'
import { type Line, type OnAnswer, passOn, type Relay, relay } from './relay.ts'
import type { Group, Row } from './row.ts'
import { rightly, serve } from './service.ts'
import { isRoot, notRoot, onSmallDisk } from './small-disk.ts'
import { Trigger } from './trigger.ts'

const usualHome = inCache('tests', 'postgres-faults')
let home = usualHome
const start = (port?: number) =>
  startPostgres({ home, port, settings: ['max_connections=30', 'autovacuum_naptime=1'] })
let postgres: PostgresServer
let workload = ''

const admin = (query: string) =>
  withClient(postgresAddress(postgres.url), async (client) => void (await client.query(query)))

/** More than an index is needed for. */
const unasked = 200_000
const table = `
  DROP TABLE IF EXISTS before CASCADE;
  DROP TABLE IF EXISTS scores;
  CREATE TABLE scores WITH (autovacuum_enabled = false) AS
    SELECT key, (key / 8.0)::float8 AS score FROM generate_series(1, ${unasked}) AS every (key);
  CREATE INDEX by_key ON scores (key);
  ANALYZE scores;
  GRANT SELECT ON scores TO asker`
const role = `
  ALTER ROLE asker LOGIN PASSWORD 'asks' CONNECTION LIMIT -1;
  ALTER ROLE asker RESET ALL`

interface Doing {
  /** A statement ahead of all connections of the load. */
  before?: string
  /** Once, when the fault begins. */
  once?: (line: Relay) => Promise<unknown>
  onConnection?: (line: Line) => void
  onAnswer?: OnAnswer
  /** Which of the load's connections is the fault's first. */
  at?: number
}

/** The database by way of a relay, and a service that is well. */
async function compared(
  { before, once, at = inTheMidst, ...onLine }: Doing,
  command?: string,
  args?: string[],
): Promise<Loaded> {
  await admin(table)
  await admin(role)
  if (before) await admin(before)
  const trigger = new Trigger(at)
  const { hostname: host, port, pathname } = new URL(postgres.url)
  const line = await relay({ host, port: Number(port) }, trigger, onLine)
  const well = await serve(answerTo, new Trigger(0), rightly)
  let problem: unknown
  const done = trigger.begun
    .then(() => once?.(line))
    .catch((error) => {
      problem = error
    })
  try {
    const seen = await loaded(
      {
        workload,
        trigger,
        env: {
          FAULTY_URL: `postgres://asker:asks@127.0.0.1:${line.port}${pathname}?sslmode=disable`,
          WELL_URL: well.url,
        },
        ...(args && { args }),
      },
      command,
    )
    if (trigger.hasBegun) await done
    if (problem) throw problem
    return seen
  } finally {
    await line.close()
    await well.close()
  }
}

const fault = (
  what: string,
  doing: Doing,
  expected: Expected,
  { often, again, ...how }: { often?: true; again?: true; command?: string; args?: string[] } = {},
): Row => ({
  what,
  expected: `${expectedInWords(expected)}${again ? '; the next run is clean' : ''}`,
  ...(often && { often }),
  see: async () => {
    const seen = await judged(() => compared(doing, how.command, how.args), expected)
    if (again) await clean(() => compared({}))
    return again ? `${seen}; then a clean run` : seen
  },
})

const failing = (told: RegExp): Expected => ({ told, found: ['failures'] })
const silent: Expected = { codes: [3], told: /faulty.* did not answer within 10 s/, found: ['unfinished'] }
const other: Expected = { codes: [3, 99], told: /same keys, same model/, found: ['other answers'] }
const slow: Expected = { codes: [3], told: /steady/, found: ['step'] }
const stalled: Expected = { codes: [3], told: /outside the turns/, found: ['hole'] }

const shortModes = ['--clients', '2', '--sessions', '1', '--pairs', '2', '--block', '1', '--warmup', '1']

const by = (query: string): Doing => ({ once: () => admin(query) })
/** What the server says in the place of a row. */
const raising = (sqlstate: string): Doing =>
  by(`
    CREATE OR REPLACE FUNCTION refuse() RETURNS float8 LANGUAGE plpgsql AS
      $$ BEGIN RAISE EXCEPTION 'no more' USING ERRCODE = '${sqlstate}'; END $$;
    ALTER TABLE scores RENAME TO before;
    CREATE VIEW scores AS SELECT key, refuse() AS score FROM before;
    GRANT SELECT ON scores TO asker`)

const later =
  (milliseconds: () => number): OnAnswer =>
  (line, part, number) =>
    void setTimeout(() => passOn(line, part, number), milliseconds())
/** Parts of a line's answers in their order, each after what it takes. */
const narrow: OnAnswer = ({ client }, part) => {
  const next = (at: number) => {
    if (client.destroyed || at >= part.length) return
    client.write(part.subarray(at, at + 4))
    setTimeout(next, 5, at + 4)
  }
  next(0)
}

const locked = async (milliseconds: number) =>
  withClient(postgresAddress(postgres.url), async (client) => {
    await client.query('BEGIN; LOCK TABLE scores IN ACCESS EXCLUSIVE MODE')
    await sleep(milliseconds)
    await client.query('ROLLBACK')
  })
const backends = `SELECT pid FROM pg_stat_activity WHERE usename = 'asker'`

/** Its own process, and not that of what keeps it from being root. */
const postmaster = async () =>
  Number((await readFile(path.join(home, 'data', 'postmaster.pid'), 'utf8')).split('\n')[0])
const servers = async () => {
  const { rows } = await withClient(postgresAddress(postgres.url), (client) =>
    client.query<{ pid: number }>(backends),
  )
  return rows.map(({ pid }) => pid)
}

/** It starts on the port that it had. */
async function restart(end: () => Promise<unknown>): Promise<void> {
  const port = Number(new URL(postgres.url).port)
  await end()
  await postgres.stop()
  for (let more = 20; ; more--)
    try {
      postgres = await start(port)
      return
    } catch (error) {
      // Backends of one that was killed go by and by, and keep its memory until then.
      if (more === 0) throw error
      await sleep(200)
    }
}

/** Rows are written anew behind the load's back, and what they leave is cleaned away. */
async function vacuumed(): Promise<void> {
  await admin(`
    ALTER TABLE scores SET (autovacuum_enabled = true, autovacuum_vacuum_cost_delay = 0);
    UPDATE scores SET score = score`)
  await withClient(postgresAddress(postgres.url), async (client) => {
    for (let look = 0; look < 300; look++) {
      const { rows } = await client.query(
        `SELECT FROM pg_stat_progress_vacuum WHERE relid = 'scores'::regclass
         UNION ALL SELECT FROM pg_stat_user_tables WHERE relname = 'scores' AND autovacuum_count > 0`,
      )
      if (rows.length > 0) return
      await sleep(100)
    }
    throw new Error('nothing was vacuumed')
  })
}

/** Each segment of its log is a new file. */
const manySegments = async () => {
  for (let more = 100; more > 0; more--)
    await admin("SELECT pg_logical_emit_message(true, 'fault', 'x'); SELECT pg_switch_wal()")
}

/** The disk below all of the database becomes full, and its log cannot grow any more. */
async function onFullDisk(): Promise<string> {
  const port = Number(new URL(postgres.url).port)
  await postgres.stop()
  home = inCache('tests', 'postgres-small-disk')
  try {
    return await onSmallDisk(home, '200m', async (disk) => {
      postgres = await start(port)
      await makeRole()
      try {
        const once = async () => {
          await disk.fill()
          await manySegments().catch(() => {})
        }
        const seen = await judged(() => compared({ once }), lost)
        await disk.makeRoom()
        await restart(async () => {})
        await clean(() => compared({}))
        return `${seen}; then a clean run`
      } finally {
        await postgres.stop()
      }
    })
  } finally {
    home = usualHome
    postgres = await start(port)
  }
}

const makeRole = () =>
  admin(`DO $$ BEGIN CREATE ROLE asker; EXCEPTION WHEN duplicate_object THEN NULL; END $$`)

/** The server goes, and comes back or does not. */
const lost = failing(/SQLSTATE 57P0|connection closed|ECONNRE/)

const rows: Row[] = [
  fault(
    'all connections cut once',
    { once: async ({ lines }) => lines.forEach(({ client }) => void client.destroy()) },
    failing(/connection closed|ECONNRESET/),
    {},
  ),
  fault(
    'each answer a reset from then on',
    { onAnswer: ({ client }) => void client.resetAndDestroy() },
    failing(/ECONNRESET/),
  ),
  fault(
    'each new connection reset',
    { onConnection: ({ client }) => void client.resetAndDestroy() },
    failing(/ECONNRESET/),
  ),
  fault(
    'each new connection without a word',
    { onConnection: ({ server }) => void server.destroy() },
    failing(/connection closed|ECONNRESET/),
  ),
  fault('silence on the line', { onAnswer: () => {} }, silent),
  fault(
    'half of each answer, and the end',
    { onAnswer: ({ client }, part) => void client.end(part.subarray(0, part.length >> 1)) },
    failing(/connection closed|ECONNRESET|EPIPE/),
  ),
  fault(
    'what is no answer',
    { onAnswer: ({ client }) => void client.write('HTTP/1.1 400 Bad Request\r\n\r\n') },
    failing(/faulty/),
  ),
  fault('60 ms more on the line', { onAnswer: later(() => 60) }, slow),
  fault('0 to 120 ms more on the line', { onAnswer: later(() => 120 * Math.random()) }, slow),
  fault('a line of 800 bytes a second', { onAnswer: narrow }, slow),
  fault(
    'one answer 4 s late',
    { onAnswer: (line, part, number) => (number === 60 ? later(() => 4000) : passOn)(line, part, number) },
    stalled,
  ),
  fault('the table locked for 4 s', { once: () => locked(4000) }, stalled),
  fault('the table locked for good', { once: () => locked(25_000) }, silent),
  fault(
    'the table locked, and a statement_timeout',
    { before: "ALTER ROLE asker SET statement_timeout = '1s'", once: () => locked(4000) },
    failing(/SQLSTATE 57014/),
    {},
  ),
  fault('the table renamed', by('ALTER TABLE scores RENAME TO before'), failing(/SQLSTATE 42P01/)),
  fault('the right to read it revoked', by('REVOKE SELECT ON scores FROM asker'), failing(/SQLSTATE 42501/)),
  fault(
    'another type of the answer',
    by('ALTER TABLE scores ALTER COLUMN score TYPE text'),
    failing(/wrong answer|SQLSTATE 0A000/),
  ),
  fault('another number', by(`UPDATE scores SET score = 7 WHERE key <= ${keys.length}`), other, {}),
  fault('NULL', by(`UPDATE scores SET score = NULL WHERE key <= ${keys.length}`), failing(/wrong answer/)),
  fault('no row', by(`DELETE FROM scores WHERE key <= ${keys.length}`), failing(/wrong answer/)),
  fault(
    'two rows',
    by(`INSERT INTO scores SELECT * FROM scores WHERE key <= ${keys.length}`),
    failing(/wrong answer/),
  ),
  fault('the index dropped', by('DROP INDEX by_key'), slow, {}),
  fault('the server says: disk full', raising('53100'), failing(/SQLSTATE 53100/)),
  fault('the server says: out of memory', raising('53200'), failing(/SQLSTATE 53200/)),
  fault('the server says: could not serialize', raising('40001'), failing(/SQLSTATE 40001/)),
  fault(
    'its backends ended by an administrator',
    by(`SELECT pg_terminate_backend(pid) FROM (${backends}) AS them`),
    failing(/SQLSTATE 57P01|connection closed/),
  ),
  fault(
    'no more connections for the role',
    by('ALTER ROLE asker CONNECTION LIMIT 1'),
    failing(/SQLSTATE 53300/),
  ),
  fault('the role may not log in any more', by('ALTER ROLE asker NOLOGIN'), failing(/SQLSTATE 28000/)),
  fault('the password changed', by("ALTER ROLE asker PASSWORD 'other'"), failing(/SQLSTATE 28P01/)),
  fault(
    'a backend killed',
    {
      once: async () => {
        for (const pid of (await servers()).slice(0, 1)) process.kill(pid, 'SIGKILL')
      },
    },
    failing(/SQLSTATE 57P0|connection closed|ECONNRESET/),
    { again: true },
  ),
  fault(
    'Postgres stopped for 4 s',
    {
      once: async () => {
        const all = family(await postmaster())
        for (const pid of all) process.kill(pid, 'SIGSTOP')
        await sleep(4000)
        for (const pid of all) process.kill(pid, 'SIGCONT')
      },
    },
    stalled,
    { again: true },
  ),
  fault('Postgres restarted', { once: () => restart(() => postgres.stop()) }, lost, { again: true }),
  fault(
    'Postgres killed',
    { once: () => restart(async () => process.kill(await postmaster(), 'SIGKILL')) },
    lost,
    { again: true },
  ),
  {
    what: 'the disk full under it, and its log cannot grow',
    expected: `${expectedInWords(lost)}; the next run is clean`,
    see: async () => (isRoot ? onFullDisk() : notRoot),
  },
  fine('autovacuum at work', () => compared({ once: vacuumed })),
  fault(
    'the table renamed while modes asks',
    { ...by('ALTER TABLE scores RENAME TO before'), at: 3 * inTheMidst },
    { ...failing(/SQLSTATE 42P01/), codes: [3] },
    { command: 'modes', args: shortModes },
  ),
  fault(
    'the table renamed while pgbench asks for crosscheck',
    { ...by('ALTER TABLE scores RENAME TO before'), at: 1 },
    { codes: [3], told: /pgbench ended with|pgbench saw/, found: [] },
    { command: 'crosscheck', args: ['--clients', '1', '--rounds', '1', '--block', '1'] },
  ),
]

export const database: Group = {
  title: 'A database, and the line to it',
  before: async () => {
    workload = await writeWorkload(
      'faults-sql',
      [sqlSide('faulty', 'FAULTY_URL'), httpSide('well', 'WELL_URL')].join(),
    )
    postgres = await start()
    await makeRole()
  },
  after: () => postgres.stop(),
  rows,
}
