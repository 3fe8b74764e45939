import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { execa } from 'execa'
import { afterEach, expect, test, vi } from 'vitest'
import { ran, run } from './command.ts'
import { environment } from './environment.ts'
import { filesBelow } from './fingerprint.ts'
import { root } from './paths.ts'
import { probe } from './probe.ts'

afterEach(() => vi.unstubAllEnvs())

/** Options that programs take from variables; each has changed a figure or hung a run somewhere. */
const leaks = {
  ...{
    K6_LINGER: 'true',
    K6_PAUSED: 'true',
    K6_ITERATIONS: '1',
    K6_NO_TEARDOWN: 'true',
    K6_NO_SETUP: 'true',
  },
  ...{ K6_VUS: '7', K6_DURATION: '1s', K6_STAGES: '1s:1', K6_EXECUTION_SEGMENT: '0:1/2', K6_RPS: '1' },
  ...{ K6_CONFIG: '/x', K6_LOG_OUTPUT: 'none', K6_SUMMARY_MODE: 'full', K6_MIN_ITERATION_DURATION: '1s' },
  ...{ GUNICORN_CMD_ARGS: '--workers 9', WEB_CONCURRENCY: '9', WORKERS: '9', THREADS: '9', SERIALIZER: 'x' },
  ...{ PYTHONPATH: '/x', PYTHONSTARTUP: '/x', PYTHONOPTIMIZE: '2', PYTHONHASHSEED: '1', PYTHONHOME: '/x' },
  ...{ PGSSLMODE: 'require', PGOPTIONS: '-c jit=on', PGSERVICE: 'x', PGHOST: 'x', PGDATA: '/x', PGUSER: 'x' },
  ...{ NODE_OPTIONS: '--inspect', LD_PRELOAD: '', MALLOC_ARENA_MAX: '1', OMP_NUM_THREADS: '1' },
  ...{ GOGC: 'off', GOMAXPROCS: '1', GODEBUG: 'x=1', GOFLAGS: '-race', GOOS: 'plan9', MAKEFLAGS: '-n' },
  ...{ PIP_TARGET: '/x', PIP_USER: '1', POOL: '3', QUERY_MODE: 'simple', SAMPLES: 'on', LC_NUMERIC: 'de_DE' },
}
const passed = {
  K6_OUT: 'json=/dev/null',
  K6_WEB_DASHBOARD: 'true',
  K6_WEB_DASHBOARD_EXPORT: 'x.html',
  K6_PROMETHEUS_RW_SERVER_URL: 'http://127.0.0.1:9',
  K6_OTEL_METRIC_PREFIX: 'x',
  K6_INFLUXDB_DB: 'x',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  no_proxy: '*',
  SSL_CERT_FILE: '/x',
}

test('a child sees what we compose, by each way to start one', async () => {
  for (const [name, value] of Object.entries({ ...leaks, ...passed })) vi.stubEnv(name, value)
  const names = ['pip', 'go', 'outputs', 'compiler'] as const
  const expected = Object.entries(environment({ OWN: '1' })).map(([name, value]) => `${name}=${value}`)
  const script = 'env'
  const seen = {
    run: await run('sh', ['-c', script], { env: { OWN: '1' } }),
    ran: (await ran('sh', ['-c', script], { env: { OWN: '1' } })).stdout,
    probe: `${probe('sh', '-c', script)}OWN=1`,
  }
  for (const [way, output] of Object.entries(seen)) {
    const lines = output.trim().split('\n')
    const added = new Set(['PWD', 'OLDPWD', 'SHLVL', '_']) // by the shell
    expect(lines.filter((line) => !added.has(line.split('=')[0] ?? '')).sort(), way).toEqual(expected.sort())
  }
  for (const kinds of [[], ...names.map((name) => [name])])
    expect(Object.keys(environment({}, kinds)).filter((name) => name in leaks)).toEqual([])
})

test('outputs, proxies and certificates are passed on to those whose they are', () => {
  for (const [name, value] of Object.entries(passed)) vi.stubEnv(name, value)
  expect(environment({}, ['outputs'])).toMatchObject(passed)
  const names = Object.keys(environment({}, ['pip']))
  expect(names).toEqual(expect.arrayContaining(['HTTPS_PROXY', 'no_proxy', 'SSL_CERT_FILE']))
  expect(names).not.toContain('K6_OUT')
  expect(Object.keys(environment())).not.toContain('HTTPS_PROXY')
})

test('what is given has the last word', () => {
  vi.stubEnv('PIP_CACHE_DIR', '/theirs')
  expect(environment({ PIP_CACHE_DIR: '/ours', LC_ALL: 'x' }, ['pip'])).toMatchObject({
    PIP_CACHE_DIR: '/ours',
    LC_ALL: 'x',
  })
})

test('nothing of ours starts a process in another way', async () => {
  const rooms = ['build', 'cli', 'datasets', 'extension-sql', 'gap', 'report', 'scenarios', 'targets']
  const files = await filesBelow(...rooms.map((room) => path.join(root, room)))
  const starting: string[] = []
  for (const file of files) {
    if (!/\.m?ts$/.test(file) || /\.test\.ts$|[/\\]test[/\\]/.test(file)) continue
    const text = await readFile(file, 'utf8')
    if (!/from '(execa|node:child_process)'/.test(text)) continue
    starting.push(path.relative(root, file))
    expect(text, `${file} starts processes by what build/environment.ts composes`).toMatch(
      /\benvironment\(|\['-Ao'/,
    )
  }
  expect(starting).toContain(path.join('targets', 'server.ts'))
})

test('the folder for what children put aside goes when we do', async () => {
  const file = new URL('./environment.ts', import.meta.url).href
  const code = `import { existsSync } from 'node:fs'
    import { environment } from '${file}'
    const { TMPDIR } = environment()
    console.log(existsSync(TMPDIR), TMPDIR)`
  const { stdout } = await execa(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code])
  const [existed, folder] = stdout.split(/ (.*)/)
  expect(existed).toBe('true')
  await expect(import('node:fs/promises').then(({ stat }) => stat(folder as string))).rejects.toThrow(
    'ENOENT',
  )
})
