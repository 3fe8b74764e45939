import { readFileSync } from 'node:fs'
import { expect, test, vi } from 'vitest'
import { refusalOf } from './failure.ts'

const thrownBy = (work: () => void): unknown => {
  try {
    work()
  } catch (error) {
    return error
  }
}

test('what the system refuses is told by file and reason', () => {
  const failure = refusalOf(thrownBy(() => readFileSync('/')))
  expect(failure?.text).toMatch(/illegal operation on a directory\n {2}→ /)
  expect(refusalOf(thrownBy(() => readFileSync('/dev/null/below')))?.message).toBe(
    '/dev/null/below: not a directory',
  )
  expect(refusalOf(thrownBy(() => readFileSync(`/${'x'.repeat(300)}`)))?.message).toContain('name too long')
})

test.each([
  'INFERENCE_GAP_CACHE',
  'INFERENCE_GAP_RESULTS',
])('a folder that cannot be made is told by the variable that names it: %s', async (variable) => {
  vi.stubEnv(variable, '/dev/null')
  vi.resetModules()
  const { refusalOf: refusal } = await import('./failure.ts')
  const thrown = thrownBy(() => readFileSync('/dev/null/workloads/x'))
  expect(refusal(thrown)?.text).toBe(
    `${variable}: /dev/null/workloads/x: not a directory\n` +
      `  → Let ${variable} name a folder that can be written, or unset it`,
  )
  // Another folder, of which the variable says nothing.
  const beside = Object.assign(new Error('refused'), { code: 'EACCES', path: '/dev/nullish/x' })
  expect(refusal(beside)?.text).not.toContain(variable)
  vi.unstubAllEnvs()
})

test('a defect stays one', () => {
  expect(refusalOf(new Error('x'))).toBeUndefined()
  expect(refusalOf('x')).toBeUndefined()
  expect(refusalOf(undefined)).toBeUndefined()
  // A file that we should have made.
  expect(refusalOf(thrownBy(() => readFileSync('/no/such/file')))).toBeUndefined()
})
