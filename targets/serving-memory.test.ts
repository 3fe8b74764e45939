import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { family } from '../build/processes.ts'
import { canMeasureServing, residentBytes } from './serving-memory.ts'

const some = 50e6
const hold = `const held = Buffer.alloc(${some}, 1); process.stdout.write('ready'); setInterval(() => held.at(0), 1000)`

test.runIf(canMeasureServing)('memory of a process and of all that came from it', async () => {
  // `;:` keeps the shell, whose child is then the one that holds the memory.
  const shell = spawn('sh', ['-c', `"${process.execPath}" -e "${hold}"; :`], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  try {
    await once(shell.stdout, 'data')
    expect(family(shell.pid as number)).toHaveLength(2)
    expect(await residentBytes(shell.pid as number)).toBeGreaterThan(some)
  } finally {
    process.kill(-(shell.pid as number), 'SIGKILL')
  }
})

test.runIf(canMeasureServing)('a process that is not there is said', async () => {
  await expect(residentBytes(2 ** 22 + 1)).rejects.toThrow('nothing of the memory of process')
})
