import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
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
})

test('a defect stays one', () => {
  expect(refusalOf(new Error('x'))).toBeUndefined()
  expect(refusalOf('x')).toBeUndefined()
  // A file that we should have made.
  expect(refusalOf(thrownBy(() => readFileSync('/no/such/file')))).toBeUndefined()
})
