/** Without flags `init` asks: every answer leads to the files that flags lead to. */
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { PassThrough } from 'node:stream'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { filesOf, init, type Protocol, usual } from './init.ts'
import { Interrupted } from './interrupt.ts'

let folder = ''
const readAll = async () =>
  Object.fromEntries(
    await Promise.all(
      (await readdir(folder, { recursive: true, withFileTypes: true }))
        .filter((entry) => entry.isFile())
        .map(async (entry) => {
          const file = path.join(entry.parentPath, entry.name)
          return [path.relative(folder, file), await readFile(file, 'utf8')]
        }),
    ),
  )

beforeEach(async () => {
  folder = path.join(await mkdtemp(path.join(tmpdir(), 'init asks ')), 'shop')
  await mkdir(folder)
  vi.spyOn(process.stdout, 'write').mockReturnValue(true)
})
afterEach(async () => {
  vi.restoreAllMocks()
  await rm(path.dirname(folder), { recursive: true })
})

const down = '\u001b[B'
const enter = '\r'
const what = 'What is compared?'
const name = 'What is it called?'

/** Somebody at a terminal. @param answers what is shown, and the keys that are pressed then, in this order */
function terminal(answers: [shown: string, keys: string[]][]) {
  const input = Object.assign(new PassThrough(), { isTTY: true })
  // A question ends its output, which standard output does not heed.
  const output = Object.assign(new PassThrough(), { isTTY: true, end: () => output })
  const left = [...answers]
  const seen = { text: '' }
  let sinceLast = ''
  output.on('data', (chunk) => {
    seen.text += chunk
    sinceLast += chunk
    const [next] = left
    if (!next || !sinceLast.includes(next[0])) return
    left.shift()
    sinceLast = ''
    for (const key of next[1]) setImmediate(() => input.write(key))
  })
  return { input, output, seen, left }
}

const never = new AbortController().signal

test.each(usual.map(([label, sides], place) => ({ label, sides, place })))('the answer $label', async ({
  label,
  sides,
  place,
}) => {
  const asked = terminal([
    [what, [...Array(place).fill(down), enter]],
    [name, ['churn', enter]],
  ])
  expect(await init({}, never, folder, asked)).toBe(0)
  expect(asked.seen.text).toContain(label)
  expect(asked.left).toEqual([])
  expect(await readAll()).toEqual(await filesOf(sides, 'churn', folder))
})

test('the folder gives the name that is offered', async () => {
  const asked = terminal([
    [what, [enter]],
    [name, [enter]],
  ])
  await init({}, never, folder, asked)
  expect(asked.seen.text).toContain('shop')
  expect(await readAll()).toEqual(await filesOf(['sql', 'http'], 'shop', folder))
})

test('a name that is none is asked for again', async () => {
  const asked = terminal([
    [what, [enter]],
    [name, ['a b', enter]],
    ['Expected up to 60 letters, digits, - and _', ['\u0015', 'a-b', enter]],
  ])
  await init({}, never, folder, asked)
  expect(asked.left).toEqual([])
  expect(await readAll()).toEqual(await filesOf(['sql', 'http'], 'a-b', folder))
})

test('what a flag says is not asked', async () => {
  const half = terminal([[what, [down, enter]]])
  await init({ name: 'churn' }, never, folder, half)
  expect(half.seen.text).not.toContain(name)
  expect(await readAll()).toEqual(await filesOf(['sql', 'sql'], 'churn', folder))

  await rm(folder, { recursive: true })
  await mkdir(folder)
  const sides: Protocol[] = ['http']
  const none = terminal([])
  await init({ sides }, never, folder, none)
  expect(none.seen.text).toBe('')
  expect(await readAll()).toEqual(await filesOf(sides, 'shop', folder))
})

test.each([[what], [name]])('Ctrl-C at %s ends the command, and nothing is written', async (question) => {
  const answers: [string, string[]][] = [
    [what, [enter]],
    [name, [enter]],
  ]
  const asked = terminal(answers.map(([shown, keys]) => [shown, shown === question ? ['\u0003'] : keys]))
  await expect(init({}, never, folder, asked)).rejects.toThrow(Interrupted)
  expect(await readAll()).toEqual({})
})

test('a signal ends a question', async () => {
  const end = new AbortController()
  const asked = terminal([])
  asked.output.once('data', () => end.abort(new Interrupted('SIGTERM')))
  await expect(init({}, end.signal, folder, asked)).rejects.toThrow()
  expect(await readAll()).toEqual({})
})

test.each(['input', 'output'] as const)('without a terminal for its %s nobody is asked', async (stream) => {
  const asked = terminal([])
  asked[stream].isTTY = false
  await expect(init({}, never, folder, asked)).rejects.toThrow('--sides is missing')
  expect(asked.seen.text).toBe('')
})
