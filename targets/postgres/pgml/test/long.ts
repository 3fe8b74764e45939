/**
 * `npm run test:pgml-long`: the tests of sessions in their long form (10 million predictions, 200 deployments, 6,000 damaged
 * models, half a minute of deployments during predictions), then all tests again with the extension compiled for
 * AddressSanitizer and UndefinedBehaviorSanitizer, in a copy of the packaged Postgres so that no other server is touched.
 *
 * Arguments: `sessions` or `sanitizers` for one of the two, names of files in sessions/ (without .ts) for these only.
 */
import { cp, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { Client } from 'pg'
import { run } from '../../../../build/command.ts'
import { locked } from '../../../../build/lock.ts'
import { inCache } from '../../../../build/paths.ts'
import { pgml, pgmlSources } from '../../../../build/pgml.ts'
import { postgresInstallation, pythonEnvironment, xgboostLibrary } from '../../../../build/python.ts'
import { doStep } from '../../../../build/step.ts'
import { secret } from '../../../secret.ts'
import { boundToParent, startOnPort } from '../../../server.ts'
import { unprivileged } from '../../unprivileged.ts'

const folder = path.join(pgmlSources, 'test', 'sessions')
const asked = process.argv.slice(2)
const parts = asked.filter((name) => name === 'sessions' || name === 'sanitizers')
const files = (await readdir(folder))
  .filter((name) => name.endsWith('.ts'))
  .filter((name) => asked.length === parts.length || asked.includes(path.basename(name, '.ts')))
  .sort()

let red = false
function conclude(name: string, good: boolean): void {
  process.stdout.write(`${good ? 'ok' : 'FAILED'}: ${name}\n`)
  red ||= !good
}

/** Runs the files of sessions, one after the other, each in a process of its own. */
async function runSessions(names: string[], env: Record<string, string>, title: string): Promise<void> {
  for (const name of names) {
    const child = execa(process.execPath, ['--import', 'tsx', path.join(folder, name)], {
      env,
      stdio: ['ignore', 'inherit', 'inherit'],
      reject: false,
    })
    conclude(`${title}: ${name}`, !(await child).failed)
  }
}

/** A server with the instrumented extension, its reports in files of their own. */
async function runSanitizers(): Promise<void> {
  const home = inCache('tests', 'pgml-sanitizers')
  await rm(home, { recursive: true, force: true })
  await mkdir(home, { recursive: true })
  const installation = path.join(home, 'package', 'pginstall')
  await cp(await postgresInstallation(), installation, { recursive: true })
  // The programs find their libraries in a folder beside the installation's own.
  const libraries = path.join(
    path.dirname(path.dirname(await postgresInstallation())),
    'embedded_postgres.libs',
  )
  await cp(libraries, path.join(home, 'embedded_postgres.libs'), {
    recursive: true,
    force: true,
  })
  const program = (name: string) => path.join(installation, 'bin', name)
  const sanitize = '-fsanitize=address,undefined -fno-omit-frame-pointer'
  const makeArguments = [
    ...['-C', pgmlSources, `PG_CONFIG=${program('pg_config')}`],
    ...[`XGBOOST_LIB=${await xgboostLibrary()}`, `BUILD=${path.join(home, 'build')}`],
    ...[`CFLAGS=-O1 -g ${sanitize}`, `LDFLAGS=${sanitize}`],
  ]
  await run('make', [...makeArguments, 'install'])

  const { prefix, owner } = unprivileged(program('postgres'))
  if (owner) throw new Error('the sanitizers need a server of the same user: allow user namespaces')
  const password = await secret(path.join(home, 'password'))
  const data = path.join(home, 'data')
  const [initdb = '', ...initArguments] = [
    ...[...prefix, program('initdb'), `--pgdata=${data}`, '--username=inference_gap', '--auth=scram-sha-256'],
    ...[`--pwfile=${path.join(home, 'password')}`, '--encoding=UTF8', '--locale=C', '--no-sync'],
  ]
  await run(initdb, initArguments)

  const url = (port: number, database: string) =>
    `postgres://inference_gap:${password}@127.0.0.1:${port}/${database}`
  const runtime = async (name: string) => run('cc', [`-print-file-name=${name}`])
  const report = path.join(home, 'report')
  const server = await startOnPort(undefined, async (port) => ({
    name: 'Postgres with sanitizers',
    command: [
      ...prefix,
      ...boundToParent(
        [
          'env',
          // The C++ library too: only so can the sanitizer see XGBoost's exceptions.
          `LD_PRELOAD=${await runtime('libasan.so')}:${await runtime('libubsan.so')}:${await runtime('libstdc++.so.6')}`,
          `ASAN_OPTIONS=log_path=${report},detect_leaks=0,detect_stack_use_after_return=0,detect_odr_violation=0`,
          `UBSAN_OPTIONS=log_path=${report},print_stacktrace=1,halt_on_error=1`,
          ...[program('postgres'), '-D', data, '-c', `port=${port}`, '-c', 'listen_addresses=127.0.0.1'],
          ...['-c', 'unix_socket_directories=', '-c', 'timezone=UTC', '-c', 'fsync=off'],
        ],
        'SIGINT',
      ),
    ],
    log: path.join(home, 'server.log'),
    stopSignal: 'SIGINT',
    ready: async () => {
      const client = new Client({ connectionString: url(port, 'postgres') })
      client.on('error', () => {})
      try {
        await client.connect()
        await client.query('CREATE DATABASE inference_gap')
        return true
      } catch {
        return false
      } finally {
        await client.end().catch(() => {})
      }
    },
  }))
  try {
    const regression = await execa('make', [...makeArguments, 'installcheck'], {
      env: {
        PGHOST: '127.0.0.1',
        PGPORT: String(server.port),
        PGUSER: 'inference_gap',
        PGPASSWORD: password,
      },
      stdio: ['ignore', 'inherit', 'inherit'],
      reject: false,
    })
    conclude('sanitizers: regression tests', !regression.failed)
    // Memory is the sanitizer's own here, so what leaks.ts measures says nothing.
    await runSessions(
      files.filter((name) => name !== 'leaks.ts'),
      { PGML_URL: url(server.port, 'inference_gap') },
      'sanitizers',
    )
  } finally {
    await server.stop()
  }
  const reports = (await readdir(home)).filter((name) => name.startsWith('report'))
  for (const name of reports) process.stdout.write(await readFile(path.join(home, name), 'utf8'))
  conclude(`sanitizers: ${reports.length} reports`, reports.length === 0)
}

await locked(async () => {
  for (const step of [async () => pythonEnvironment, pgml]) await doStep(await step(), { progress: () => {} })
})
if (parts.length === 0 || parts.includes('sessions'))
  await runSessions(files, { PGML_LONG: '1' }, 'long form')
if (parts.length === 0 || parts.includes('sanitizers')) await runSanitizers()
process.exitCode = red ? 1 : 0
