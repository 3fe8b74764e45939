import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { BadInput, CouldNotMeasure } from '../build/failure.ts'
import { root, shown } from '../build/paths.ts'
import { sampleCapacityRun, unreachedCapacityRun } from '../report/capacity/fixture.ts'
import { formats } from '../report/capacity/formats.ts'
import type { CapacityRun } from '../report/capacity/run.ts'
import { isSearch, readResult, readRun } from '../report/result.ts'
import type { Run } from '../report/run.ts'
import { sampleTrainingRun } from '../report/training/fixture.ts'
import { formats as formatsOfTraining } from '../report/training/formats.ts'
import type { TrainingRun } from '../report/training/run.ts'
import { all, attribute, one, read } from '../tests/junit/read.ts'
import { against, gate } from './gate.ts'

/** A real run of the version before, see report/earlier.test.ts. */
const file = path.join(root, 'tests', 'runs', 'version-2.json')

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'version 2 '))
})
afterAll(() => rm(folder, { recursive: true }))

test('a run of the version before is a baseline: nothing has changed since', async () => {
  const run = await readRun(file)
  const { compared, moved } = against(run, run)
  expect(compared).toHaveLength(8)
  expect(new Set(compared.map(({ change }) => change))).toEqual(new Set(['within noise']))
  expect(moved).toEqual([])
})

test('gate judges a run of the version before by its own thresholds and by others, and against itself', async () => {
  const said = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  try {
    const copy = path.join(folder, 'run.json')
    await writeFile(copy, await readFile(file))
    // Undecided, as it was.
    expect(await gate(copy, { baseline: file })).toBe(98)
    const thresholds = path.join(folder, 'thresholds.json')
    await writeFile(thresholds, JSON.stringify({ postgres: { minTps: 1 }, gap: { minTpsRatio: 1.1 } }))
    expect(await gate(copy, { thresholds })).toBe(0)
    await writeFile(thresholds, JSON.stringify({ postgres: { minTps: 1e9 } }))
    expect(await gate(copy, { thresholds })).toBe(99)
    const told = () => said.mock.calls.join('')
    expect(told()).toContain('measured')
    said.mockClear()
    await writeFile(thresholds, '{}')
    expect(await gate(copy, { thresholds })).toBe(0)
    // Where nothing is judged there is no table, not even its head.
    expect(told()).not.toContain('measured')
    await writeFile(thresholds, JSON.stringify({ postgres: { minTps: 1e9 } }))
    expect(await gate(copy, { thresholds })).toBe(99)
    // What it left is of this version, and is read again.
    expect((await readRun(path.join(folder, 'gate', 'run.json'))).verdict.outcome).toBe('fail')
  } finally {
    said.mockRestore()
  }
})

test('gate by named bounds of which none can be judged has passed nothing', async () => {
  vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  const said = vi.spyOn(process.stderr, 'write').mockImplementation(() => true)
  const told = () => said.mock.calls.join('')
  try {
    const copy = path.join(folder, 'run.json')
    await writeFile(copy, await readFile(file))
    const thresholds = path.join(folder, 'elsewhere.json')
    for (const bounds of [
      { postgres: { clients: 77, minTps: 1 } },
      { capacity: { postgres: { minRate: 1 } } },
    ]) {
      said.mockClear()
      await writeFile(thresholds, JSON.stringify(bounds))
      expect(await gate(copy, { thresholds })).toBe(98)
      expect(told()).toContain('elsewhere.json: no bound in it is about what')
    }
    const search = path.join(folder, 'capacity.json')
    await writeFile(search, JSON.stringify(sampleCapacityRun()))
    await writeFile(thresholds, JSON.stringify({ gap: { minTpsRatio: 1 } }))
    expect(await gate(search, { thresholds })).toBe(98)
    // A file without a bound expects nothing.
    await writeFile(thresholds, JSON.stringify({ $schema: './schema/thresholds.schema.json' }))
    said.mockClear()
    expect(await gate(copy, { thresholds })).toBe(0)
    expect(told()).toBe('')
  } finally {
    vi.restoreAllMocks()
  }
})

test('bounds that a run was left with, of which none is judged, have passed nothing; a baseline may', async () => {
  const elsewhere = await runWith((run) => {
    run.thresholds = { postgres: { clients: 77, minTps: 1 } } as Run['thresholds']
  })
  expect(await gate(elsewhere, {})).toBe(98)
  expect(await gate(elsewhere, { baseline: file })).toBe(0)
})

/** The run as it would be if some things had been otherwise. */
async function runWith(change: (run: Run) => void): Promise<string> {
  const changed = path.join(folder, 'changed.json')
  const run = await readRun(file)
  change(run)
  await writeFile(changed, JSON.stringify(run))
  return changed
}

/** As many requests of a side fail as are answered. */
function fail(run: Run): void {
  for (const block of run.measurement.blocks) if (block.key === 'python') block.failed = block.ok
}

test('failures that thresholds of today permit no longer are no gap of any size, and those that they permit are', async () => {
  const said = vi.spyOn(process.stdout, 'write').mockImplementation(() => true)
  try {
    const [none, half] = [path.join(folder, 'none.json'), path.join(folder, 'half.json')]
    await writeFile(none, '{}')
    await writeFile(half, JSON.stringify({ python: { maxFailureRate: 0.5 } }))
    // Judged by `half` when it was measured.
    const permitted = await runWith(fail)
    expect(await gate(permitted, { thresholds: half })).toBe(0)
    const error = await gate(permitted, { thresholds: none }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(CouldNotMeasure)
    expect(error.text).toContain('answers: in 16 of 16 blocks; 50.0 % of the requests of python failed')
    expect((await readRun(path.join(folder, 'gate', 'run.json'))).verdict.outcome).toBe('could not measure')
    // And by none.
    const refused = await runWith((run) => {
      fail(run)
      const answers = run.premises.find(({ name }) => name === 'answers')
      Object.assign(answers as object, { holds: false, seen: 'half of them failed' })
    })
    expect(await gate(refused, { thresholds: half })).toBe(0)
  } finally {
    said.mockRestore()
  }
})

test.each<[string, (run: Run) => void, string]>([
  [
    'numbers of clients',
    ({ measurement: { settings, blocks, pairs } }) => {
      settings.clients = [7]
      for (const each of [...blocks, ...pairs]) each.clients = 7
    },
    'its numbers of clients are 7, here 1',
  ],
  [
    'a given rate',
    ({ measurement }) => {
      measurement.settings.rate = 200
    },
    'it was measured at a given rate, and this is not',
  ],
  [
    'sides',
    ({ measurement: { workload } }) => {
      workload.sides = ['postgres', 'other']
    },
    'its sides are postgres, other, here postgres, python',
  ],
])('a baseline of other %s is refused, for nothing would ever regress', async (_, change, why) => {
  const refusal = await gate(file, { baseline: await runWith(change) }).catch((thrown) => thrown)
  expect(refusal).toBeInstanceOf(BadInput)
  expect(refusal.text).toContain(`changed.json has no gap to compare with: ${why}`)
})

describe('a search', () => {
  let searched: string
  let said: string
  beforeAll(async () => {
    searched = path.join(folder, 'searched')
    await mkdir(searched)
  })

  /** @param bounds of capacities; absent: those that it was judged by */
  async function judged(run: CapacityRun, bounds?: unknown, named = searched): Promise<number> {
    await rm(path.join(searched, 'gate'), { recursive: true, force: true })
    await writeFile(path.join(searched, 'capacity.json'), JSON.stringify(run))
    const thresholds = path.join(folder, 'expected.json')
    await writeFile(thresholds, JSON.stringify({ capacity: bounds }))
    said = ''
    const output = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += text
      return true
    })
    try {
      return await gate(named, bounds === undefined ? {} : { thresholds })
    } finally {
      output.mockRestore()
    }
  }

  test.each([
    [0, { postgres: { minRate: 4010 }, python: { minRate: 980 }, minRatio: 3.9 }],
    [98, { postgres: { minRate: 4011 } }],
    [99, { postgres: { minRate: 4011 }, minRatio: 4.31 }],
    [0, {}],
  ])('ends with %d by %j', async (code, bounds) => {
    expect(await judged(sampleCapacityRun(), bounds), said).toBe(code)
    const left = await readResult(path.join(searched, 'gate', 'capacity.json'))
    expect(left.thresholds).toEqual({ capacity: bounds })
    expect(isSearch(left) && left.verdict.outcome).toBe({ 0: 'pass', 98: 'undecided', 99: 'fail' }[code])
    // Nothing else has become another.
    const { thresholds: _, verdict: __, ...rest } = sampleCapacityRun()
    expect(left).toMatchObject(rest)
    expect((await readdir(path.join(searched, 'gate'))).sort()).toEqual(
      formats.map(({ file: name }) => name).sort(),
    )
  })

  test('is named by its file or by its folder, and shows each bound beside what was found', async () => {
    const bounds = { postgres: { minRate: 5000 } }
    expect(await judged(sampleCapacityRun(), bounds, path.join(searched, 'capacity.json'))).toBe(99)
    expect(said).toMatch(/capacity\.postgres\.minRate +4,120\/s \[4,010, 4,230\] +≥ 5,000\/s +.*✗ crossed/)
    expect(said).toContain('1 of 1 thresholds crossed.')
    expect(said).toContain(shown(path.join(searched, 'gate')))
  })

  test('is judged by what it was judged by, where no other thresholds are named', async () => {
    const run = sampleCapacityRun()
    run.thresholds = { capacity: { python: { minRate: 2000 } } }
    expect(await judged(run)).toBe(99)
  })

  test('of which no rate was confirmed is undecided, whatever is asked of it', async () => {
    expect(await judged(unreachedCapacityRun(), { python: { minRate: 1 } })).toBe(98)
    expect(said).toContain('capacity.python.minRate: no rate confirmed')
  })

  test('whose premise is broken could not be measured; what was found is left, with the premise in JUnit', async () => {
    const run = sampleCapacityRun()
    const next = 'Let it keep them'
    run.premises = [{ name: 'keep-alive', holds: false, seen: '7 connections were lost', next }]
    const error = await judged(run, { postgres: { minRate: 1 } }).catch((thrown) => thrown)
    expect(error).toBeInstanceOf(CouldNotMeasure)
    expect(error.text).toContain('keep-alive: 7 connections were lost')
    expect(error.text).toContain(`${next}\n  → k6's logs stand in ${shown(searched)}`)
    const junit = read(await readFile(path.join(searched, 'gate', 'junit.xml'), 'utf8'))
    const broken = one(junit, '//testsuite[@name="premises"]/testcase[@name="keep-alive"]/error')
    expect(attribute(broken, 'message')).toBe('broken: 7 connections were lost')
    expect(broken.content).toContain(`what to do: ${next}`)
    expect(all(junit, '//error')).toHaveLength(1)
  })

  test.each([
    [{ database: { minRate: 1 } }, 'capacity.database = {"minRate":1}: no such key'],
    [{ postgres: { minRate: 0 } }, 'capacity.postgres.minRate = 0: '],
  ])('by %j is refused, and nothing is left', async (bounds, expected) => {
    await expect(judged(sampleCapacityRun(), bounds)).rejects.toThrow(expected)
    expect(await readdir(searched)).toEqual(['capacity.json'])
  })

  test('has no baseline, and is none', async () => {
    const search = path.join(searched, 'capacity.json')
    await judged(sampleCapacityRun())
    await expect(gate(search, { baseline: file })).rejects.toThrow('a search of capacity, which has no gaps')
    await expect(gate(file, { baseline: search })).rejects.toThrow('is a search of capacity; expected a run')
  })
})

describe('trainings', () => {
  let said: string
  let trained: string
  beforeAll(async () => {
    trained = path.join(folder, 'trained')
    await mkdir(trained)
    await writeFile(path.join(trained, 'training.json'), JSON.stringify(trainedRun()))
  })

  /** As `train` names its ways. */
  function trainedRun(): TrainingRun {
    const text = JSON.stringify(sampleTrainingRun())
    const names = { database: 'postgres', plain: 'python', lean: 'python-lean' }
    return JSON.parse(
      text.replace(/"way":"(\w+)"/g, (_, name: keyof typeof names) => `"way":"${names[name]}"`),
    )
  }

  async function judged(bounds: unknown, named = trained): Promise<number> {
    const thresholds = path.join(folder, 'ratios.json')
    await writeFile(thresholds, JSON.stringify(bounds))
    said = ''
    const output = vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
      said += text
      return true
    })
    try {
      return await gate(named, { thresholds })
    } finally {
      output.mockRestore()
    }
  }

  // At 4,000 rows 600 and 150 MB against 100; at 28,000 rows 1,200 and 150 MB against 200.
  test.each([
    [0, { minTrainingMemoryRatio: 6, minLeanTrainingMemoryRatio: 0.75 }, 4],
    [99, { minTrainingMemoryRatio: 6.01 }, 2],
    [99, { minTrainingMemoryRatio: 2, minLeanTrainingMemoryRatio: 1 }, 4],
    [0, {}, 0],
  ])('end with %d by %j, and are left in every form', async (code, gap, checks) => {
    expect(await judged({ gap }), said).toBe(code)
    const left = await readResult(path.join(trained, 'gate', 'training.json'))
    const expected = { outcome: code === 0 ? 'pass' : 'fail', thresholds: { gap } }
    expect(left).toMatchObject({ ...expected, sizes: trainedRun().sizes })
    const junit = read(await readFile(path.join(trained, 'gate', 'junit.xml'), 'utf8'))
    expect(all(junit, '//testcase')).toHaveLength(checks)
    expect(all(junit, '//failure').length > 0).toBe(code === 99)
    expect((await readdir(path.join(trained, 'gate'))).sort()).toEqual(
      formatsOfTraining.map(({ file: name }) => name).sort(),
    )
  })

  test('show each bound beside what was measured', async () => {
    expect(
      await judged({ gap: { minLeanTrainingMemoryRatio: 1 } }, path.join(trained, 'training.json')),
    ).toBe(99)
    expect(said).toMatch(/gap\.minLeanTrainingMemoryRatio +28,000 +0\.750× +≥ 1\.00× +.*✗ crossed/)
    expect(said).toMatch(/gap\.minLeanTrainingMemoryRatio +4,000 +1\.50× +≥ 1\.00× +.*✓ holds/)
    expect(said).toContain('1 of 2 thresholds crossed.')
  })

  test('have no baseline, and no bounds of sides that were not trained', async () => {
    await expect(gate(trained, { baseline: file })).rejects.toThrow(
      'is what train measured, which has no gaps',
    )
    await expect(judged({ service: { minTps: 1 } })).rejects.toThrow('service')
  })
})
