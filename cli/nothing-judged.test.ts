import { afterEach, expect, test, vi } from 'vitest'
import { exitCode } from './exit-codes.ts'
import { codeOfJudged, type Judged } from './nothing-judged.ts'

const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
afterEach(() => said.mockClear())

const nothing: Judged = {
  judged: 0,
  code: exitCode.pass,
  thresholds: { capacity: { postgres: { minRate: 1 } } } as Judged['thresholds'],
  named: 'bounds.json',
  of: 'this run',
}

test.each([
  exitCode.pass,
  exitCode.undecided,
])('%s, where nothing was judged, is undecided and told', (code) => {
  expect(codeOfJudged({ ...nothing, code })).toBe(98)
  expect(said.mock.calls.join('')).toMatch(
    /--thresholds \S*bounds\.json: no bound in it is about what this run has measured, .*\n {2}→ /,
  )
})

test.each<[string, Partial<Judged>, number]>([
  ['something was judged', { judged: 1 }, 0],
  ['nobody named a file', { named: undefined }, 0],
  ['the file has no bound', { thresholds: {} }, 0],
  ['it says of how many clients it has none', { thresholds: { postgres: [{ clients: 5 }, {}] } }, 0],
  ['a gap has regressed', { code: exitCode.crossed }, 99],
  ['nothing could be measured', { code: exitCode.couldNotMeasure }, 3],
])('where %s the code stands', (_, change, code) => {
  expect(codeOfJudged({ ...nothing, ...change })).toBe(code)
  expect(said).not.toHaveBeenCalled()
})
