/** The commands beside compare, in short, on the real parts. */
import { expect, test } from 'vitest'
import { exitCode } from '../cli/exit-codes.ts'
import type { Run } from '../report/run.ts'
import { inferenceGap } from './program.ts'
import { brief, expectCode, left } from './verdicts.ts'

test('modes shows all three beside the service', async () => {
  const ended = await inferenceGap('modes', ...brief)
  for (const mode of ['simple', 'extended', 'prepared'])
    expect(ended.output).toMatch(new RegExp(`postgres-${mode} +1 .*× \\[`))
  expectCode(ended, exitCode.pass, await left<Pick<Run, 'premises'>>(ended.output, 'modes.json'))
})

test('crosscheck sets k6 beside the clients of the benchmark', async () => {
  const { code, output } = await inferenceGap(
    'crosscheck',
    ...['--clients', '1', '--rounds', '2', '--block', '1'],
  )
  expect(output).toContain('k6 ÷ pgbench')
  expect(output).toMatch(/k6 ÷ (ApacheBench|autocannon)/)
  expect(output).toMatch(/^ +1( +[\d,.]+){2} +[\d.]+× \[/m)
  expect(code, output).toBe(0)
})

test('reproduce sets the published way beside ours', async () => {
  const { code, output } = await inferenceGap('reproduce', '--calls', '300', '--rounds', '1')
  expect(output).toMatch(/published: ab -k +1\.16 +2\.00 +19\.0 +859/)
  expect(output).toMatch(/kept alive( +[\d,.]+){4}/)
  expect(output).toMatch(/pgbench extended : connections closed +[\d.]+×/)
  expect(code, output).toBe(0)
})
