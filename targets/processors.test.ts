import { execFile } from 'node:child_process'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { family, notOfFamily } from '../build/processes.ts'
import { allOf, canMeasureProcessors, ProcessorWatch, runningProgram } from './processors.ts'

test.runIf(canMeasureProcessors)(
  'a process that computes spends processor time, one that sleeps spends none, and a child counts as its parent',
  async () => {
    const busy = execFile('sh', ['-c', '(while :; do :; done) & wait'], {
      timeout: 20_000,
      killSignal: 'SIGKILL',
    })
    const idle = execFile('sleep', ['20'])
    const watch = new ProcessorWatch([
      { side: 'a', what: 'busy', processes: () => allOf(busy.pid) },
      { side: 'a', what: 'idle', processes: () => allOf(idle.pid) },
    ])
    const from = Date.now()
    try {
      await sleep(2500)
    } finally {
      await watch.stop()
      // The loop is a child of the shell, which would outlive it.
      for (const pid of family(busy.pid as number)) process.kill(pid, 'SIGKILL')
      idle.kill('SIGKILL')
    }
    const used = watch.within([[from, Date.now()]])
    const [first = 0, second = 1] = used?.processors ?? []
    // However busy the machine is, a loop gets some of it, and no more than one processor.
    expect(first).toBeGreaterThan(0.05)
    expect(first).toBeLessThan(1.1)
    expect(second).toBe(0)
    expect(used?.machine.busy).toBeGreaterThan(0)
    expect(used?.machine.busy).toBeLessThanOrEqual(1)
    expect(watch.within([[0, 1]])).toBeUndefined()
  },
)

test.runIf(canMeasureProcessors)('a program is found among those that we run', async () => {
  const child = execFile('/bin/sleep', ['20'])
  expect(runningProgram('/bin/sleep')).toBe(child.pid)
  expect(runningProgram('/no/such/program')).toBeUndefined()
  child.kill('SIGKILL')
})

test.runIf(canMeasureProcessors)('what is not of a family is all that others do', () => {
  const [own, others] = [allOf(process.pid), notOfFamily(process.pid)]
  expect(own).toContain(process.pid)
  expect(others).toContain(process.ppid)
  expect(others.filter((pid) => own.includes(pid))).toEqual([])
})
