import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { root } from '../../build/paths.ts'
import { blocksOf } from '../../tests/tree.ts'

const folder = path.join(root, 'examples', 'k6-operator')
const read = (file: string) => readFileSync(path.join(folder, file), 'utf8')

/**
 * What a TestRun may say, as the operator's definition has it (config/crd/bases/k6.io_testruns.yaml of v1alpha1, in August 2026): types of
 * fields, down to where Kubernetes' own forms begin.
 */
const fields: Record<string, string> = {
  parallelism: 'number',
  separate: 'boolean',
  arguments: 'string',
  args: 'array',
  quiet: 'string',
  paused: 'string',
  cleanup: 'string',
  'script.localFile': 'string',
  'script.configMap': 'object',
  'script.volumeClaim': 'object',
  'runner.image': 'string',
  'runner.env': 'array',
  'runner.resources': 'object',
  'runner.volumes': 'array',
  'runner.volumeMounts': 'array',
}
const required = ['parallelism', 'script.localFile']

interface TestRun {
  apiVersion: string
  kind: string
  spec: Record<string, unknown> & {
    parallelism: number
    arguments: string
    runner: { env: { name: string; value?: string; valueFrom?: unknown }[] }
  }
}

const kindOf = (value: unknown) => (Array.isArray(value) ? 'array' : typeof value)

function fieldsOf(value: object, before = ''): [string, string][] {
  return Object.entries(value).flatMap(([name, each]): [string, string][] =>
    kindOf(each) === 'object' && !(before + name in fields)
      ? fieldsOf(each as object, `${before}${name}.`)
      : [[before + name, kindOf(each)]],
  )
}

test('the manifest says only what the operator knows, each in its type', () => {
  const { apiVersion, kind, spec } = parse(read('testrun.yaml')) as TestRun
  expect([apiVersion, kind]).toEqual(['k6.io/v1alpha1', 'TestRun'])
  const said = fieldsOf(spec)
  for (const [name, type] of said) expect([name, fields[name]]).toEqual([name, type])
  for (const name of required) expect(said.map(([each]) => each)).toContain(name)
  for (const { name, value, valueFrom } of spec.runner.env) {
    // Kubernetes takes texts alone.
    expect([typeof value, typeof valueFrom], name).toContain('undefined')
    if (value !== undefined) expect(typeof value, name).toBe('string')
  }
})

test('its variables are those of a comparison, and what they refer to stands before them', () => {
  const { spec } = parse(read('testrun.yaml')) as TestRun
  const page = readFileSync(path.join(root, 'docs', 'variables.md'), 'utf8')
  const workload = readFileSync(path.join(root, 'examples', 'customers', 'workload.ts'), 'utf8')
  const names = spec.runner.env.map(({ name }) => name)
  for (const [index, { name, value = '' }] of spec.runner.env.entries()) {
    const isOurs = page.includes(`\`${name}\``) || workload.includes(`'${name}'`)
    const referred = spec.runner.env.some((each) => each.value?.includes(`$(${name})`))
    expect(isOurs || referred, name).toBe(true)
    for (const [, other = ''] of value.matchAll(/\$\((\w+)\)/g))
      expect(names.slice(0, index), value).toContain(other)
  }
  const clients = Number(spec.runner.env.find(({ name }) => name === 'CLIENTS')?.value)
  expect(clients).toBeGreaterThanOrEqual(spec.parallelism)
})

test('images are built from what is there, and the verdict reads where the parts are left', () => {
  // What `npm run build` makes is not there before.
  for (const file of ['Containerfile.k6', 'Containerfile.verdict'])
    for (const [, sources = ''] of read(file).matchAll(/^COPY (.*) \S+$/gm))
      for (const source of sources.split(' '))
        expect(existsSync(path.join(root, source)) || /^(bin|dist)\//.test(source), source).toBe(true)
  const job = parse(read('verdict.yaml'))
  const [container] = job.spec.template.spec.containers
  expect(container.command.at(-1)).toContain('/results/*.json')
  const claims = [read('testrun.yaml'), read('verdict.yaml')].map(
    (text) => /claimName: ([\w-]+)/.exec(text)?.[1],
  )
  expect(claims).toEqual([
    parse(read('results.yaml')).metadata.name,
    parse(read('results.yaml')).metadata.name,
  ])
})

test('the steps run as they are written, with no cluster', () => {
  const steps =
    blocksOf('examples/k6-operator/README.md').find(({ language }) => language === 'sh')?.text ?? 'false'
  const programs = mkdtempSync(path.join(tmpdir(), 'k6-operator-'))
  try {
    // Each writes down how it was called, and what it was given.
    for (const name of ['npm', 'podman', 'kubectl']) {
      const file = path.join(programs, name)
      writeFileSync(
        file,
        `#!/bin/sh\necho "${name} $*" >> '${programs}/called'\ncase "$*" in *'--filename -') cat > '${programs}/applied' ;; esac\n`,
      )
      chmodSync(file, 0o755)
    }
    const before = Date.now() / 1000
    execFileSync('bash', ['-euc', steps], {
      cwd: root,
      env: {
        PATH: `${programs}:${process.env.PATH}`,
        DATABASE_URL: 'postgres://db/',
        SERVICE_URL: 'http://service/',
      },
    })
    const called = readFileSync(path.join(programs, 'called'), 'utf8')
    for (const [, file = ''] of called.matchAll(/(?:--file|--filename|--workload) (\S+)/g))
      if (file !== '-') expect(existsSync(path.join(root, file)), file).toBe(true)
    const { spec } = parse(readFileSync(path.join(programs, 'applied'), 'utf8')) as TestRun
    const startAt = Number(spec.runner.env.find(({ name }) => name === 'START_AT')?.value)
    expect(startAt).toBeGreaterThan(before + 60)
    expect(startAt).toBeLessThan(before + 3600)
  } finally {
    rmSync(programs, { recursive: true })
  }
})
