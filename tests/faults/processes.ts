/** The command ended at any moment, and started where little is as it should be. */
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { inCache, results, root } from '../../build/paths.ts'
import { sampleRun } from '../../report/fixture.ts'
import { leftBehind } from '../program.ts'
import { called, hasStack } from './called.ts'
import { answerTo, brief, httpSide, writeWorkload } from './load.ts'
import type { Group, Row } from './row.ts'
import { rightly, type Service, serve } from './service.ts'
import { Trigger } from './trigger.ts'

const commandLine = path.join(root, 'cli', 'inference-gap.mjs')
let workload = ''
let services: Service[] = []
const env = () => ({
  FAULTY_URL: String(services[0]?.url),
  WELL_URL: String(services[1]?.url),
  NO_COLOR: '1',
})
const compare = () => ['compare', '--workload', workload, ...brief]

/** Sends a signal some time after a command has said something. */
function ended(at: string, after: number, signal: NodeJS.Signals) {
  return new Promise<{ code: number | null; output: string; pid: number }>((resolve, reject) => {
    const child = spawn(process.execPath, [commandLine, ...compare()], {
      ...{ stdio: ['ignore', 'pipe', 'pipe'] as ['ignore', 'pipe', 'pipe'], cwd: '/' },
      env: { ...process.env, ...env() },
    })
    let output = ''
    let isSent = false
    const read = (part: Buffer) => {
      output += part
      if (isSent || !output.includes(at)) return
      isSent = true
      setTimeout(() => child.kill(signal), after)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('exit', (code) => resolve({ code, output, pid: Number(child.pid) }))
  })
}

/** Nothing runs any more after ten seconds; the next command finds no lock. */
async function nothingLeft(): Promise<void> {
  const deadline = Date.now() + 10_000
  let left = await leftBehind()
  while (left.length > 0 && Date.now() < deadline) {
    await sleep(200)
    left = await leftBehind()
  }
  if (left.length > 0) throw new Error(`still running: ${left.join('\n')}`)
  const { code, output } = await called(['check', '--workload', workload], env())
  if (code !== 0) throw new Error(`the next start ended with ${code}:\n${output}`)
}

const codes: Partial<Record<NodeJS.Signals, number | null>> = { SIGINT: 130, SIGTERM: 143, SIGKILL: null }
const moments: [at: string, after: number][] = [
  ['Look for Go', 0],
  ['Build bin/k6', 0],
  ['Build bin/null-server', 100],
  ['Compare the answers', 0],
  ['Measure at', 0],
  ['Measure at', 300],
  ['Measure at', 1000],
  ['Measure at', 2000],
  ['Measure at', 3000],
  ['Measure at', 4500],
]

const killed = (signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL', at: string, after: number): Row => ({
  what: `${signal} ${after} ms after "${at}"`,
  expected: `${codes[signal] ?? 'killed'}; after 10 s no process is left, and the next start works`,
  see: async () => {
    const { code, output } = await ended(at, after, signal)
    // On a fast machine it may have been over by then.
    if (code !== codes[signal] && !output.includes('Everything measured'))
      throw new Error(`ended with ${code}:\n${output}`)
    await nothingLeft()
    return `${code ?? 'killed'}; nothing left`
  },
})

/** Runs the command line elsewhere: as another user, with another environment. */
async function elsewhere(args: string[], variables: Record<string, string>, before: string[] = []) {
  const [file = '', ...more] = [...before, process.execPath, ...args]
  const done = await execa(file, more, {
    ...{ all: true, reject: false, stdin: 'ignore', cwd: '/', timeout: 240_000, extendEnv: false },
    env: { PATH: String(process.env.PATH), NO_COLOR: '1', ...variables },
  })
  return { code: done.exitCode, output: String(done.all), stdout: done.stdout }
}

const row = (what: string, expected: string, see: () => Promise<string>, often?: true): Row => ({
  ...{ what, expected, see },
  ...(often && { often }),
})

/** One line on what to install, and the exit code of a set-up that fails. */
async function missing(tools: string[], expected: RegExp): Promise<string> {
  const folder = inCache('tests', 'faults', 'path')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  const all = ['sh', 'go', 'python3', 'cc', 'make', 'uname', 'setpriv']
  for (const tool of all.filter((each) => !tools.includes(each))) {
    const { stdout } = await execa('sh', ['-c', `command -v ${tool}`], { reject: false })
    if (stdout.startsWith('/')) await symlink(stdout, path.join(folder, tool))
  }
  const { code, output } = await elsewhere([commandLine, 'setup'], { PATH: folder, HOME: '/tmp' })
  if (code !== 4 || !expected.test(output) || hasStack(output))
    throw new Error(`ended with ${code}:\n${output}`)
  return `4; ${expected.exec(output)?.[0]}`
}

const judgedIn = (variables: Record<string, string>, before?: string[]) =>
  elsewhere([commandLine, 'gate', inCache('tests', 'faults', 'run.json')], variables, before)

/** The same verdict in the same words as at home. */
const same = (what: string, variables: Record<string, string>, before?: string[]): Row =>
  row(what, 'the same words and the same exit code', async () => {
    const [here, there] = [await judgedIn({ HOME: '/tmp' }), await judgedIn(variables, before)]
    const words = (output: string) => output.replace(/stands? in .*/g, '')
    if (here.code !== there.code || words(here.stdout) !== words(there.stdout))
      throw new Error(`${there.code} instead of ${here.code}:\n${there.output}`)
    return `${there.code}; the same words`
  })

const rows: Row[] = [
  ...moments.flatMap(([at, after], index) => [
    killed('SIGKILL', at, after),
    ...(index % 2 === 1 ? [killed(index % 4 === 1 ? 'SIGINT' : 'SIGTERM', at, after)] : []),
  ]),
  row(
    'SIGINT in the midst of a session',
    'what was measured is on disk, and says that it is partial',
    async () => {
      const before = new Set(await readdir(results))
      await ended('Measure at', 4000, 'SIGINT')
      const [made = ''] = (await readdir(results)).filter((name) => !before.has(name))
      const left = path.join(results, made, 'session-1')
      if (existsSync(path.join(left, 'measurement.json'))) return 'it had ended before'
      const { partial, why } = JSON.parse(await readFile(path.join(left, 'partial.json'), 'utf8'))
      if (partial !== true) throw new Error(`partial is ${partial}`)
      return `partial.json: ${why}`
    },
  ),
  row('two runs at once', '4; the second says who is at work', async () => {
    const first = ended('Measure at', 3000, 'SIGTERM')
    await sleep(0)
    while (!existsSync(inCache('lock'))) await sleep(50)
    const { code, output } = await called(compare(), env())
    await first
    if (code !== 4 || !/Another inference-gap.* is at work/.test(output))
      throw new Error(`ended with ${code}:\n${output}`)
    return '4; the second says so'
  }),
  row('a lock file that somebody left', 'it starts all the same', async () => {
    await writeFile(inCache('lock'), '1')
    const { code, output } = await called(['check', '--workload', workload], env())
    if (code !== 0) throw new Error(`ended with ${code}:\n${output}`)
    return '0'
  }),
  row('a port that is taken', '2; says so before anything starts', async () => {
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    const { code, output } = await called(['serve', '--python-port', String(port)])
    await new Promise((resolve) => server.close(resolve))
    if (code !== 2 || !output.includes('the port cannot be used'))
      throw new Error(`ended with ${code}:\n${output}`)
    return '2; the port cannot be used'
  }),
  row('no Go', '4; one line on what to install', () =>
    missing(['go'], /Go is missing.*install https:\/\/go\.dev\/dl/),
  ),
  row('no Python', '4; one line on what to install', () =>
    missing(['python3'], /Python is missing.*install https:\/\/www\.python\.org.*/),
  ),
  row('no compiler and no make', '4; one line on each', () =>
    missing(['cc', 'make'], /a C compiler is missing.*install gcc or clang.*\n.*make is missing.*/),
  ),
  row('an old Node', '4; one line on what to install', async () => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'18.20.8'}})`
    const { code, output } = await elsewhere(['--import', old, commandLine, 'gate'], { HOME: '/tmp' })
    if (code !== 4 || output.trim().split('\n').length !== 1)
      throw new Error(`ended with ${code}:\n${output}`)
    return `4; ${output.trim()}`
  }),
  same('HOME unset', {}),
  same('umask 077', { HOME: '/tmp' }, ['sh', '-c', 'umask 077; exec "$@"', 'sh']),
  same('TZ and LC_ALL of elsewhere', {
    HOME: '/tmp',
    TZ: 'Pacific/Apia',
    LC_ALL: 'tr_TR.UTF-8',
    LANG: 'ar_EG.UTF-8',
  }),
  row('another user in a checkout that is not theirs', '2 or 4; says what cannot be written', async () => {
    if (process.getuid?.() !== 0) return 'not run: only root may become another user'
    const { code, output } = await elsewhere([commandLine, ...compare()], { ...env(), HOME: '/' }, [
      'setpriv',
      '--reuid=65534',
      '--regid=65534',
      '--clear-groups',
    ])
    if (![2, 4].includes(Number(code)) || hasStack(output)) throw new Error(`ended with ${code}:\n${output}`)
    return `${code}; ${output.trim().split('\n')[0]}`
  }),
  row('fewer descriptors than clients', '3; says EMFILE', async () => {
    const args = [
      commandLine,
      'compare',
      '--workload',
      workload,
      '--clients',
      '100',
      '--sessions',
      '1',
      '--pairs',
      '1',
      '--block',
      '1',
      '--warmup',
      '1',
      '--looks',
      '1',
    ]
    const { code, output } = await elsewhere(args, { ...env(), HOME: '/tmp' }, [
      'sh',
      '-c',
      'ulimit -n 128; exec "$@"',
      'sh',
    ])
    if (![3, 99].includes(Number(code)) || !output.includes('EMFILE'))
      throw new Error(`ended with ${code}:\n${output}`)
    return `${code}; EMFILE`
  }),
]

export const processes: Group = {
  title: 'Processes and places',
  before: async () => {
    workload = await writeWorkload(
      'faults-processes',
      [httpSide('faulty', 'FAULTY_URL'), httpSide('well', 'WELL_URL')].join(),
    )
    await writeFile(inCache('tests', 'faults', 'run.json'), JSON.stringify(sampleRun()))
    await chmod(inCache('tests', 'faults'), 0o755)
    for (let index = 0; index < 2; index++) services.push(await serve(answerTo, new Trigger(0), rightly))
  },
  after: async () => {
    for (const service of services) await service.close()
    services = []
  },
  rows,
}
