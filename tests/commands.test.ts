/** The commands beside compare, in short, on the real parts. */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { exitCode } from '../cli/exit-codes.ts'
import type { ChangesRun } from '../report/changes/run.ts'
import type { ConnectionsRun } from '../report/connections/run.ts'
import type { Run } from '../report/run.ts'
import { inferenceGap } from './program.ts'
import { brief, expectCode, folderOf, left } from './verdicts.ts'

test('modes shows all three beside the service', async () => {
  const ended = await inferenceGap('modes', ...brief)
  for (const mode of ['simple', 'extended', 'prepared'])
    expect(ended.output).toMatch(new RegExp(`postgres-${mode} +1 .*× \\[`))
  expectCode(ended, exitCode.pass, await left<Pick<Run, 'premises'>>(ended.output, 'modes.json'))
})

test('crosscheck sets k6 beside the clients of the benchmark', async () => {
  const ended = await inferenceGap('crosscheck', ...['--clients', '1', '--rounds', '2', '--block', '1'])
  const { output } = ended
  expect(output).toContain('k6 ÷ pgbench')
  expect(output).toMatch(/k6 ÷ (ApacheBench|autocannon)/)
  expect(output).toMatch(/^ +1( +[\d,.]+){2} +[\d.]+× \[/m)
  // What k6 saw is looked at as that of a comparison is.
  const made = await left<Pick<Run, 'premises'>>(output, 'crosscheck.json')
  expect(made.premises.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['keep-alive', 'prepared', 'answers', "Little's law"]),
  )
  expectCode(ended, exitCode.pass, made)
})

test('reproduce sets the published way beside ours', async () => {
  const { code, output } = await inferenceGap('reproduce', '--calls', '300', '--rounds', '1')
  expect(output).toMatch(/published: ab -k +1\.16 +2\.00 +19\.0 +859/)
  expect(output).toMatch(/kept alive( +[\d,.]+){4}/)
  expect(output).toMatch(/pgbench extended : connections closed +[\d.]+×/)
  expect(code, output).toBe(0)
})

test('connections leaves its figures, and a page with a chart', async () => {
  const { code, output } = await inferenceGap('connections', '--clients', '2', '--rounds', '2')
  expect(code, output).toBe(exitCode.pass)
  expect(output).toMatch(/postgres +2( +[\d.]+){3} +[\d.]+× \[/)
  const { rows } = await left<ConnectionsRun>(output, 'connections.json')
  expect(rows.map(({ key, failed }) => `${key} ${failed}`)).toEqual([
    ...['postgres 0', 'postgres-fast 0', 'python-fast 0', 'python 0'],
  ])
  expect(await readFile(path.join(folderOf(output), 'report.html'), 'utf8')).toContain('<svg')
})

test('a new model goes live under load: nobody is answered by anything else than the old one or the new one', async () => {
  const { code, output } = await inferenceGap(
    ...['changes', 'model', '--clients', '2', '--rounds', '1', '--block', '4'],
  )
  expect(code, output).toBe(exitCode.pass)
  const { takeover, keys } = await left<ChangesRun>(output, 'changes.json')
  expect(takeover?.map(({ key, unseen }) => [key, unseen])).toEqual(
    ['postgres', 'postgres-fast', 'python-fast', 'python'].map((key) => [key, 0]),
  )
  expect(keys).toBeGreaterThan(900)
  for (const { answers, firstNewMs } of takeover ?? []) {
    expect(answers).toMatchObject({ neither: 0, failed: 0 })
    expect(answers.old).toBeGreaterThan(0)
    expect(answers.new).toBeGreaterThan(0)
    expect(firstNewMs?.least).toBeGreaterThan(0)
  }
  expect(await readFile(path.join(folderOf(output), 'report.html'), 'utf8')).toContain('<svg')
  // What was trained first answers again: the next run finds both sides alike.
  expect((await inferenceGap('check')).code).toBe(exitCode.pass)
})

test('features change under load: no answer is older than a write that had been confirmed when it was asked for', async () => {
  const { code, output } = await inferenceGap(
    ...['changes', 'features', '--clients', '2', '--rounds', '1', '--block', '2', '--writes', '0,20'],
  )
  expect(code, output).toBe(exitCode.pass)
  const { writes } = await left<ChangesRun>(output, 'changes.json')
  expect(writes?.map(({ key, due }) => `${key} ${due}`)).toEqual(
    ['postgres', 'postgres-fast', 'python-fast', 'python'].flatMap((key) => [`${key} 0`, `${key} 20`]),
  )
  for (const { due, made, stale, neither, failed } of writes ?? []) {
    expect({ stale, neither, failed }).toEqual({ stale: 0, neither: 0, failed: 0 })
    if (due === 0) expect(made).toBe(0)
    else expect(made).toBeGreaterThan(0)
  }
})
