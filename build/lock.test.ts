import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { acquire } from './lock.ts'

let file: string
beforeEach(async () => {
  file = path.join(await mkdtemp(path.join(tmpdir(), 'a lock ')), 'lock')
})
afterEach(() => rm(path.dirname(file), { recursive: true }))

const lock = new URL('./lock.ts', import.meta.url).href

/** A process of its own that runs some lines with `acquire`, `file` and `wait`. */
function start(lines: string): ChildProcess {
  const code = `import { appendFileSync } from 'node:fs'
    import { setTimeout as wait } from 'node:timers/promises'
    import { acquire } from '${lock}'
    const file = ${JSON.stringify(file)}
    ${lines}`
  return spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
}

const holding = "await acquire(file); console.log('held'); await wait(600_000)"

test('of many that start at once one after the other has it, however they find and leave it', async () => {
  const log = `${file}.log`
  // Each tries until it has had it so often; who frees it removes the file, which others may have opened by then.
  const turns = `for (let turns = 0; turns < 40; ) {
      let release
      try { release = await acquire(file) } catch { continue }
      appendFileSync(${JSON.stringify(log)}, 'in ' + process.pid + '\\n')
      await wait(1)
      appendFileSync(${JSON.stringify(log)}, 'out ' + process.pid + '\\n')
      turns++
      release()
    }`
  const processes = Array.from({ length: 4 }, () => start(turns))
  await Promise.all(processes.map((each) => once(each, 'close')))
  const lines = (await readFile(log, 'utf8')).trim().split('\n')
  expect(lines).toHaveLength(2 * 4 * 40)
  for (let at = 0; at < lines.length; at += 2)
    expect([lines[at], lines[at + 1]]).toEqual([lines[at], lines[at]?.replace('in', 'out')])
  expect(existsSync(file)).toBe(false)
}, 600_000)

test('who holds it is named, and a holder that was killed holds nothing', async () => {
  const holder = start(holding)
  try {
    await once(holder.stdout as NodeJS.ReadableStream, 'data')
    await expect(acquire(file)).rejects.toThrow(
      `Another inference-gap (process ${holder.pid}) is at work in this checkout`,
    )
  } finally {
    holder.kill('SIGKILL')
  }
  await once(holder, 'close')
  expect(existsSync(file)).toBe(true)
  const release = await acquire(file)
  expect(await readFile(file, 'utf8')).toBe(String(process.pid))
  release()
  expect(existsSync(file)).toBe(false)
}, 600_000)

test('a file that was left behind is no lock, though its number is another process by now', async () => {
  await writeFile(file, String(process.ppid)) // as after a reboot
  const release = await acquire(file)
  release()
})

test('a holder that is stopped still holds it', async () => {
  const holder = start(holding)
  try {
    await once(holder.stdout as NodeJS.ReadableStream, 'data')
    holder.kill('SIGSTOP')
    await expect(acquire(file)).rejects.toThrow(`process ${holder.pid}`)
  } finally {
    holder.kill('SIGKILL')
  }
}, 600_000)
