/**
 * The project as somebody's dependency: packed, installed in an empty project with a space in its path, called there by npx. What is
 * built and measured stays in that project, and its own folder there is only read.
 */
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fingerprintOf } from '../build/fingerprint.ts'
import { goEnvironment } from '../build/go.ts'
import { root } from '../build/paths.ts'
import { exitCode } from '../cli/exit-codes.ts'
import type { Run } from '../report/run.ts'
import { expectCode } from './verdicts.ts'

let folder = ''
let project = ''
const services: Server[] = []
const addresses: Record<string, string> = {}
/** Of the installed package, before anything is run. */
let installed = ''

const { GOCACHE = '', GOMODCACHE = '' } = await goEnvironment()

/** Answers a tenth of what it is asked for, after some time. */
async function service(milliseconds: number): Promise<string> {
  const server = createServer(async (request, response) => {
    const { customer_id: id } = JSON.parse(Buffer.concat(await request.toArray()).toString()) as {
      customer_id: number
    }
    await sleep(milliseconds)
    response.end(JSON.stringify({ score: id / 10 }))
  })
  services.push(server)
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
}

const ran = async (
  file: string,
  args: string[],
  cwd: string,
  env: Record<string, string | undefined> = {},
) => {
  const done = await execa(file, args, {
    ...{ cwd, env: { NO_COLOR: '1', ...env }, all: true, reject: false, stdin: 'ignore', timeout: 900_000 },
  })
  return { code: done.exitCode, output: String(done.all) }
}

/** By npx, in the project, with its own cache. What Go has compiled for the checkout need not be compiled once more. */
const inferenceGap = (args: string[], env: Record<string, string> = {}) =>
  ran('npx', ['--no-install', 'inference-gap', ...args], project, {
    ...{ GOCACHE, GOMODCACHE, INFERENCE_GAP_CACHE: undefined },
    ...env,
  })

const packageFolder = () => path.join(project, 'node_modules', 'inference-gap')
const fingerprint = () => fingerprintOf(packageFolder(), packageFolder())
const inProject = async () => (await readdir(project)).sort()

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'somebody elses '))
  project = path.join(folder, 'a project')
  await mkdir(project)
  await writeFile(path.join(project, 'package.json'), JSON.stringify({ private: true, type: 'module' }))
  const packed = await ran('npm', ['pack', '--pack-destination', folder], root)
  expect(packed.code, packed.output).toBe(0)
  const [tarball = ''] = (await readdir(folder)).filter((name) => name.endsWith('.tgz'))
  const flags = ['--prefer-offline', '--no-audit', '--no-fund']
  const done = await ran('npm', ['install', ...flags, path.join(folder, tarball)], project)
  expect(done.code, done.output).toBe(0)
  installed = await fingerprint()
  addresses.SERVICE_1_URL = await service(4)
  addresses.SERVICE_2_URL = await service(12)
}, 600_000)

afterAll(async () => {
  for (const each of services) {
    each.closeAllConnections()
    each.close()
  }
  await rm(folder, { recursive: true, force: true })
})

test('nothing is packed that only the work on the project needs', async () => {
  const names = await readdir(packageFolder(), { recursive: true })
  expect(names.filter((name) => /\.test\.ts$|_test\.go$|(^|\/)(tests?|bench)(\/|$)/.test(name))).toEqual([])
  expect(existsSync(path.join(project, 'node_modules', 'vitest'))).toBe(false)
})

test('init writes a workload, whose types the editor of the project finds', async () => {
  const { code, output } = await inferenceGap(['init', '--sides', 'http,http', '--name', 'scores'])
  expect(code, output).toBe(0)
  expect(await inProject()).toEqual([
    ...['.github', 'keys.csv', 'node_modules', 'package-lock.json', 'package.json'],
    ...['thresholds.json', 'workload.ts'],
  ])
  const { $schema } = JSON.parse(await readFile(path.join(project, 'thresholds.json'), 'utf8'))
  expect($schema).toBe('./node_modules/inference-gap/schema/thresholds.schema.json')
  expect(existsSync(path.join(project, $schema))).toBe(true)
  const tsc = path.join(root, 'node_modules', 'typescript', 'bin', 'tsc')
  const flags = ['--noEmit', '--strict', '--module', 'nodenext', '--types', '', 'workload.ts']
  const types = await ran(process.execPath, [tsc, ...flags], project)
  expect(types).toEqual({ code: 0, output: '' })
})

test('check asks both services, and builds nothing for it', async () => {
  const without = await inferenceGap(['check', '--workload', './workload.ts'])
  expect(without.output).toContain('SERVICE_1_URL is not set')
  expect(without.code).toBe(2)
  const { code, output } = await inferenceGap(['check', '--workload', './workload.ts'], {
    ...addresses,
    INFERENCE_GAP_CACHE: './built for check',
  })
  expect(code, output).toBe(0)
  expect(output).toContain('service-1 and service-2 answer 3 of 3 keys alike')
  expect(await readdir(path.join(project, 'built for check'))).not.toContain('bin')
  await rm(path.join(project, 'built for check'), { recursive: true })
})

/** Of the one run, in the project. */
async function fileOfRun(): Promise<string> {
  const all = await readdir(path.join(project, 'results'), { recursive: true })
  // What \`gate\` leaves of it stands below it.
  const [run = ''] = all.filter((name) => name.endsWith('run.json')).sort((a, b) => a.length - b.length)
  return path.join('results', run)
}

const measured = async (): Promise<Run> =>
  JSON.parse(await readFile(path.join(project, await fileOfRun()), 'utf8'))

test('compare measures them, and leaves all that it makes in the project', async () => {
  const ended = await inferenceGap(
    [
      ...['compare', '--workload', './workload.ts', '--clients', '1', '--sessions', '2', '--pairs', '2'],
      ...['--block', '1', '--warmup', '1', '--looks', '1', '--quiet'],
    ],
    addresses,
  )
  expectCode(ended, exitCode.pass, await measured())
  expect(await inProject()).toEqual([
    ...['.github', 'keys.csv', 'node_modules', 'package-lock.json', 'package.json', 'results'],
    ...['thresholds.json', 'workload.ts'],
  ])
  expect(await fingerprint()).toBe(installed)
  expect(existsSync(path.join(packageFolder(), 'node_modules'))).toBe(false)
  const cache = path.join(project, 'node_modules', '.cache', 'inference-gap')
  expect(existsSync(path.join(cache, 'bin', 'k6'))).toBe(true)
  expect(existsSync(path.join(cache, 'dist', 'scores', 'compare.js'))).toBe(true)
}, 900_000)

test('a threshold that is crossed on purpose gives 99', async () => {
  const file = path.join(project, 'thresholds.json')
  const thresholds = JSON.parse(await readFile(file, 'utf8'))
  // The first service waits a third as long: three times as many answers, and never a hundred times.
  thresholds.gap.minTpsRatio = 100
  await writeFile(file, JSON.stringify(thresholds))
  const ended = await inferenceGap(['gate', await fileOfRun(), '--thresholds', 'thresholds.json'])
  expectCode(ended, exitCode.crossed, await measured())
  expect(ended.output).toMatch(/gap\.minTpsRatio .*✗ crossed/)
})
