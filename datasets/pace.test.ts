import { expect, test, vi } from 'vitest'
import { duration, pace } from './pace.ts'

test('how far, how fast and how long yet is told, but not all the time', () => {
  const said: string[] = []
  let at = 1000
  const tell = pace(
    (what) => said.push(what),
    'copying',
    28_000_000,
    () => at,
  )
  tell(0.001)
  at += 249
  tell(0.002)
  at += 1
  tell(0)
  at += 750
  tell(0.05)
  at += 100
  tell(0.06)
  at += 8900
  tell(0.5)
  at += 10_000
  tell(1)
  expect(said).toEqual([
    'copying',
    'copying: 1,400,000 of 28,000,000 rows, 1,400,000/s, 19 s left',
    'copying: 14,000,000 of 28,000,000 rows, 1,400,000/s, 10 s left',
    'copying: 28,000,000 of 28,000,000 rows, 1,400,000/s, 0 s left',
  ])
})

test.each([
  [0.2, '1 s'],
  [59, '59 s'],
  [60, '1 min 00 s'],
  [131.5, '2 min 12 s'],
  [3599.5, '1 h 00 min'],
  [7501, '2 h 05 min'],
])('%d seconds are %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words)
})

test("the time is that of the machine's own clock where no other is given", () => {
  const now = vi.spyOn(performance, 'now')
  try {
    const said: string[] = []
    now.mockReturnValue(5000)
    const tell = pace((what) => said.push(what), 'copying', 1000)
    tell(0.1)
    // As soon as a rate is to be known.
    now.mockReturnValue(5250)
    tell(0.5)
    expect(said).toEqual(['copying', 'copying: 500 of 1,000 rows, 2,000/s, 1 s left'])
  } finally {
    now.mockRestore()
  }
})
