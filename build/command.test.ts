import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { answered } from './answered.ts'
import { ran, run } from './command.ts'
import { CouldNotMeasure } from './failure.ts'
import { isAlive } from './processes.ts'

/** Whether a process still does anything: one that nobody has collected yet does not. */
async function runs(pid: number): Promise<boolean> {
  if (!isAlive(pid)) return false
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return !/\) Z /.test(stat)
}

async function allGone(pids: number[]): Promise<boolean> {
  for (let look = 0; look < 50; look++) {
    if (!(await Promise.all(pids.map(runs))).includes(true)) return true
    await sleep(20)
  }
  return false
}

/** Heeds no SIGTERM, and has a child that has left its group, as Postgres' processes do. */
const stubborn = `const { spawn } = require('child_process')
  process.on('SIGTERM', () => {})
  const child = spawn('sleep', ['60'], { detached: true })
  console.log(process.pid, child.pid)
  setInterval(() => {}, 1000)`

test('an interruption ends a command that does not want to, with all that it started', async () => {
  const controller = new AbortController()
  let pids: number[] = []
  let interruptedAt = 0
  const onLine = (line: string) => {
    pids = line.split(' ').map(Number)
    interruptedAt = performance.now()
    controller.abort(new Error('interrupted'))
  }
  await expect(
    ran(process.execPath, ['-e', stubborn], { onLine, signal: controller.signal }),
  ).rejects.toThrow('interrupted')
  expect(performance.now() - interruptedAt).toBeLessThan(2000)
  expect(pids).toHaveLength(2)
  expect(await allGone(pids)).toBe(true)
})

test('a command that does not end, or says nothing any more, is told by its limit', async () => {
  await expect(run('sleep', ['60'], { limit: 0.2 })).rejects.toThrow('`sleep 60` did not end within 0.2 s')
  await expect(run('sh', ['-c', 'echo one; sleep 60'], { silence: 0.3 })).rejects.toThrow(
    'said nothing for 0.3 s:\none',
  )
  // Who goes on saying something is left alone.
  const talking = 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.1; done'
  expect(await run('sh', ['-c', talking], { silence: 3 })).toBe('1\n2\n3\n4\n5\n6')
})

// k6 may log for hours, and a workload may log each question.
test('a command may say as much as it likes: the end of it is kept', async () => {
  const talking = `const line = 'x'.repeat(1e6) + '\\n'
    let lines = 0
    const write = () => {
      while (lines++ < 130) if (!process.stderr.write(line)) return void process.stderr.once('drain', write)
      console.log('the last ö')
    }
    write()`
  const { code, stdout, all } = await ran(process.execPath, ['-e', talking])
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'the last ö' })
  expect(all.length).toBeLessThan(20e6)
  expect(all).toMatch(/^… 11\d MB before this are not kept\n/)
  expect(all.trimEnd().endsWith('x') || all.endsWith('the last ö')).toBe(true)
})

test('lines of both outputs are told as they come, the last one also without an end', async () => {
  const lines: string[] = []
  const { all, stdout } = await ran(
    'sh',
    ['-c', "printf 'a\\r\\nb\\n'; sleep 0.2; printf 'c\\nd' >&2; exit 3"],
    {
      onLine: (line) => lines.push(line),
    },
  )
  expect(lines).toEqual(['a', 'b', 'c', 'd'])
  expect({ all, stdout }).toEqual({ all: 'a\r\nb\nc\nd', stdout: 'a\r\nb' })
})

test('an answer that does not come is told by who did not give it', async () => {
  let toldToStop: unknown
  const never = (signal: AbortSignal) =>
    new Promise<never>(() => {
      signal.addEventListener('abort', () => {
        toldToStop = signal.reason
      })
    })
  const waited = answered('Postgres at 127.0.0.1:5432', never, { seconds: 0.05 })
  await expect(waited).rejects.toThrow('Postgres at 127.0.0.1:5432 did not answer within 0.05 s')
  await expect(waited).rejects.toBeInstanceOf(CouldNotMeasure)
  expect(toldToStop).toBeInstanceOf(CouldNotMeasure)
  await expect(answered('x', async () => 7)).resolves.toBe(7)
})

test('an interruption ends the wait', async () => {
  const controller = new AbortController()
  const waited = answered('x', () => new Promise(() => {}), { signal: controller.signal })
  controller.abort(new Error('interrupted'))
  await expect(waited).rejects.toThrow('interrupted')
  await expect(answered('x', async () => 7, { signal: controller.signal })).rejects.toThrow('interrupted')
})
