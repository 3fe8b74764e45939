/** The suites of `npm test`: each runs one tool's tests as they are and counts what it reports. */
import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { execa } from 'execa'
import { environment } from '../build/environment.ts'
import { goEnvironment } from '../build/go.ts'
import { inCache, python, root } from '../build/paths.ts'
import { pgmlMakeArguments, pgmlSources } from '../build/pgml.ts'
import { hasEnded, keepTrackOf, signalGroup } from '../build/processes.ts'
import { type PostgresServer, startPostgres } from '../targets/postgres/server.ts'
import { findChromium, howToGetChromium } from './chromium.ts'

export interface Counts {
  passed: number
  failed: number
  /** The names of those that failed, each with the first line of what it said where the tool tells. */
  failures?: string[]
  /** Why nothing of it could run here. */
  notRun?: string
}

/** Where a suite says what it does: the terminal, or what is told once it is over. */
export type Say = (text: string | Uint8Array) => void

export type Suite = (signal: AbortSignal, say: Say) => Promise<Counts>

interface Ran {
  output: string
  /** Whether the tool itself said that all went well. */
  good: boolean
}

/** Runs a tool; its output is said as it comes, unless it is for machines. */
async function tool(
  signal: AbortSignal,
  say: Say,
  file: string,
  args: string[],
  options: { env?: Record<string, string>; cwd?: string; quiet?: boolean } = {},
): Promise<Ran> {
  signal.throwIfAborted()
  const child = execa(file, args, {
    cwd: options.cwd ?? root,
    // Tests put aside what they make outside the checkout, as users' own files are.
    env: environment({ TMPDIR: tmpdir(), ...options.env }, ['tests', 'go', 'pip', 'compiler']),
    extendEnv: false,
    stdin: 'ignore',
    all: true,
    reject: false,
    detached: true,
  })
  const { pid } = child
  if (pid !== undefined) keepTrackOf(pid)
  const end = () => void (pid && signalGroup(pid, 'SIGTERM'))
  signal.addEventListener('abort', end)
  if (!options.quiet) child.all?.on('data', say)
  const done = await child
  if (pid !== undefined) hasEnded(pid)
  signal.removeEventListener('abort', end)
  signal.throwIfAborted()
  return { output: String(done.all ?? ''), good: !done.failed }
}

/** A tool that fails although no test of it did has failed as a whole. */
const counted = (passed: number, failed: number, { good }: Ran, failures: string[] = []): Counts => ({
  passed,
  failed: good ? failed : Math.max(1, failed),
  failures,
})

/** Every match of a pattern in what a tool printed. */
const matches = (output: string, pattern: RegExp): string[] => output.match(pattern) ?? []

/** What vitest writes by `--reporter=json`, as far as it is read here. */
interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  testResults: {
    name: string
    status: string
    /** Why the file could not be loaded, or a hook of it failed. */
    message: string
    assertionResults: { fullName: string; status: string; failureMessages: string[] }[]
  }[]
}

const firstLine = (text = '') => stripVTControlCharacters(text).split('\n', 1)[0]

const failuresOf = ({ testResults }: VitestReport) =>
  testResults
    .filter(({ status }) => status === 'failed')
    .flatMap(({ name, message, assertionResults }) => {
      const file = path.relative(root, name)
      const failed = assertionResults.filter(({ status }) => status === 'failed')
      if (failed.length === 0) return [`${file}: ${firstLine(message)}`]
      return failed.map((test) => `${file}, ${test.fullName.trim()}: ${firstLine(test.failureMessages[0])}`)
    })

const nodeTool = (name: string) => path.join(root, 'node_modules', '.bin', name)

/** Each suite has its own: some run at once. */
async function withTestPostgres(
  suite: string,
  signal: AbortSignal,
  test: (server: PostgresServer) => Promise<Counts>,
): Promise<Counts> {
  const server = await startPostgres({ home: inCache('tests', `postgres-${suite}`), signal })
  try {
    return await test(server)
  } finally {
    await server.stop()
  }
}

const types: Suite = async (signal, say) => {
  const checks = [
    await tool(signal, say, nodeTool('tsc'), ['-p', 'tsconfig.json']),
    await tool(signal, say, nodeTool('tsc'), ['-p', 'scenarios/tsconfig.json']),
    await tool(signal, say, nodeTool('tsc'), ['-p', 'bench/tsconfig.json']),
    await tool(signal, say, nodeTool('tsc'), ['-p', 'tests/browser/tsconfig.json']),
    await tool(signal, say, nodeTool('biome'), ['check', '.']),
  ]
  const failed = checks.filter(({ good }) => !good).length
  return { passed: checks.length - failed, failed }
}

const vitest =
  (projects: string[], env: Record<string, string> = {}): Suite =>
  async (signal, say) => {
    const report = inCache('tests', `${projects[0]}.json`)
    await rm(report, { force: true })
    const ran = await tool(
      signal,
      say,
      nodeTool('vitest'),
      [
        ...['run', ...projects.map((project) => `--project=${project}`)],
        ...['--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
      ],
      { env },
    )
    const told = JSON.parse(await readFile(report, 'utf8')) as VitestReport
    return counted(told.numPassedTests, told.numFailedTests, ran, failuresOf(told))
  }

const go: Suite = (signal, say) =>
  withTestPostgres('go', signal, async ({ url }) => {
    const ran = await tool(signal, say, 'go', ['test', '-json', '-count=1', './...'], {
      cwd: path.join(root, 'extension-sql'),
      env: { ...(await goEnvironment()), POSTGRES_URL: url },
      quiet: true,
    })
    const counts = { pass: 0, fail: 0 }
    const said = new Map<string, string>()
    const failures: string[] = []
    for (const line of ran.output.split('\n')) {
      if (!line.startsWith('{')) {
        if (line) say(`${line}\n`)
        continue
      }
      const event = JSON.parse(line) as { Action: string; Package?: string; Test?: string; Output?: string }
      const name = `${event.Package} ${event.Test ?? ''}`
      if (event.Output) said.set(name, (said.get(name) ?? '') + event.Output)
      if (event.Action !== 'pass' && event.Action !== 'fail') continue
      if (event.Test) counts[event.Action]++
      if (event.Action !== 'fail') continue
      say(said.get(name) ?? '')
      if (event.Test) failures.push(name)
    }
    return counted(counts.pass, counts.fail, ran, failures)
  })

const pgml: Suite = (signal, say) =>
  withTestPostgres('pgml', signal, async ({ url }) => {
    const { hostname, port, username, password } = new URL(url)
    const ran = await tool(signal, say, 'make', [...(await pgmlMakeArguments()), 'installcheck'], {
      env: { PGHOST: hostname, PGPORT: port, PGUSER: username, PGPASSWORD: password },
    })
    // pg_regress speaks TAP: "ok 1 - train 100 ms"
    const failures = matches(ran.output, /^not ok \d+.*/gm)
    const counts = counted(matches(ran.output, /^ok \d+/gm).length, failures.length, ran, failures)
    for (const each of await pgmlSessions(signal, say)) {
      counts.passed += each.passed
      counts.failed += each.failed
      failures.push(...(each.failures ?? []))
    }
    return counts
  })

/** The tests that SQL alone cannot make, one after the other: each file starts a server of its own. */
async function pgmlSessions(signal: AbortSignal, say: Say): Promise<Counts[]> {
  const folder = path.join(pgmlSources, 'test', 'sessions')
  const counts: Counts[] = []
  for (const name of (await readdir(folder)).sort()) {
    if (!name.endsWith('.ts')) continue
    const ran = await tool(signal, say, process.execPath, [
      ...['--import', 'tsx', '--test-reporter=tap'],
      path.join(folder, name),
    ])
    const count = (what: string) => Number(new RegExp(`^# ${what} (\\d+)`, 'm').exec(ran.output)?.[1] ?? 0)
    // A file without a single test has not shown anything.
    const failed = count('fail') + count('cancelled') + (count('tests') === 0 ? 1 : 0)
    const failures = matches(ran.output, /^ *not ok \d+.*/gm).map((line) => `${name}: ${line.trim()}`)
    counts.push(counted(count('pass'), failed, ran, failures))
  }
  return counts
}

const service: Suite = async (signal, say) => {
  const ran = await tool(signal, say, python, [
    ...['-m', 'pytest', '-q', '-p', 'no:cacheprovider'],
    path.join('targets', 'python', 'tests'),
  ])
  const count = (what: string) => Number(new RegExp(`(\\d+) ${what}`).exec(ran.output)?.[1] ?? 0)
  const failures = matches(ran.output, /^(FAILED|ERROR) .*/gm)
  return counted(count('passed'), count('failed') + count('error'), ran, failures)
}

const browser: Suite = async (signal, say) => {
  const chromium = await findChromium(signal)
  if (chromium) return vitest(['browser'], { CHROMIUM: chromium })(signal, say)
  return { passed: 0, failed: 0, notRun: `no Chromium is installed; ${howToGetChromium}` }
}

await mkdir(inCache('tests'), { recursive: true })

/** In the order in which they run: what is quick and says most comes first. Those that leave a processor free run at once. */
export const suites: Record<string, Suite>[] = [
  { types },
  { unit: vitest(['unit']) },
  { go, pgml, service },
  { end_to_end: vitest(['end-to-end', 'end-to-end-alone']) },
  { faults: vitest(['faults']) },
  { browser },
]
