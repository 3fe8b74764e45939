/** A dataset in the feature store: sent by pipelines on several connections, and the proof that the store holds its lists. */
import { type FileHandle, open } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import type { RedisClientType } from 'redis'
import { CouldNotMeasure, Failure, messageOf } from '../build/failure.ts'
import type { Progress } from '../build/step.ts'
import { hexadecimal, type Sum } from './hashes.ts'
import type { Lists } from './lists.ts'
import { pace } from './pace.ts'

// biome-ignore lint/suspicious/noExplicitAny: the client's type parameters (modules, scripts) do not matter here
export type Redis = RedisClientType<any, any, any, any, any>

/** Enough to keep the store at work while one of them reads the file. */
const connections = 4

/** A connection that sends commands as they lie in a file, and counts the answers. */
class Pipeline {
  readonly #socket: Socket
  #waiting = 0
  #begun = ''
  #failure: Error | undefined
  #ended: { resolve: () => void; reject: (error: Error) => void } | undefined

  constructor({ hostname, port }: URL) {
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
    this.#socket.setEncoding('latin1')
    this.#socket.on('data', (text: string) => this.#read(text))
    this.#socket.on('error', (error) => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('it closed the connection')))
  }

  /** Every answer is a line: a number, OK, or an error. */
  #read(text: string): void {
    const lines = (this.#begun + text).split('\r\n')
    this.#begun = lines.pop() as string
    const refused = lines.find((line) => line.startsWith('-'))
    if (refused !== undefined) this.#fail(new Error(refused.slice(1)))
    this.#waiting -= lines.length
    if (this.#waiting === 0) this.#ended?.resolve()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#ended?.reject(this.#failure)
  }

  /** Resolves once the system has taken them. @param commands whole ones, so many @throws what went wrong before */
  send(bytes: Uint8Array | string, commands: number): Promise<void> {
    if (this.#failure) throw this.#failure
    this.#waiting += commands
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => (error ? reject(this.#failure ?? error) : resolve()))
    })
  }

  /** Resolves once all is answered. */
  answered(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#ended = { resolve, reject }
      if (this.#failure) reject(this.#failure)
      else if (this.#waiting === 0) resolve()
    })
  }

  close(): void {
    this.#socket.destroy()
  }
}

const asCommand = (...parts: string[]) =>
  `*${parts.length}\r\n${parts.map((part) => `$${Buffer.byteLength(part)}\r\n${part}\r\n`).join('')}`

/** Sends the parts that nobody else has sent, one after the other. */
async function sendParts(
  pipeline: Pipeline,
  file: FileHandle,
  next: () => [from: number, to: number, commands: number] | undefined,
): Promise<void> {
  let bytes = Buffer.alloc(0)
  for (let part = next(); part; part = next()) {
    const [from, to, commands] = part
    if (bytes.length < to - from) bytes = Buffer.alloc(to - from)
    for (let read = 0; read < to - from; ) {
      const { bytesRead } = await file.read(bytes, read, to - from - read, from + read)
      if (bytesRead === 0) throw new Failure('the file of its commands ends too early')
      read += bytesRead
    }
    await pipeline.send(bytes.subarray(0, to - from), commands)
  }
}

/** Empties the store and fills it. @param url of a store of ours. @throws {CouldNotMeasure} with what the store says */
export async function loadIntoRedis(url: string, lists: Lists, progress: Progress): Promise<void> {
  const { commands, marks, rows } = lists
  const address = new URL(url)
  const tell = pace(progress, 'sending', rows)
  const file = await open(commands)
  const pipelines = Array.from({ length: connections }, () => new Pipeline(address))
  let part = 0
  const next = (): [number, number, number] | undefined => {
    const [from, to] = [marks[part], marks[part + 1]]
    if (!from || !to) return undefined
    part++
    tell(from[2] / rows)
    return [from[0], to[0], to[1] - from[1]]
  }
  try {
    for (const [index, pipeline] of pipelines.entries()) {
      await pipeline.send(asCommand('AUTH', decodeURIComponent(address.password)), 1)
      if (index === 0) await pipeline.send(asCommand('FLUSHDB'), 1)
      await pipeline.answered()
    }
    await Promise.all(
      pipelines.map(async (pipeline) => {
        await sendParts(pipeline, file, next)
        await pipeline.answered()
      }),
    )
  } catch (error) {
    throw new CouldNotMeasure(`The feature store took not all rows: ${messageOf(error)}`, 'Look into its log')
  } finally {
    for (const pipeline of pipelines) pipeline.close()
    await file.close()
  }
}

/** In the store: of each list the hash that {@link Lists} sums up, and how many rows they have. */
const hashesOfLists = `local rows, hashes = 0, {}
for place, name in ipairs(KEYS) do
  local list = redis.call('LRANGE', name, 0, -1)
  rows = rows + #list
  hashes[place] = string.sub(redis.sha1hex(name .. '\\n' .. table.concat(list, '\\n') .. '\\n'), 1, 16)
end
return { rows, table.concat(hashes) }`

/** Lists whose hashes the store is asked for at a time: nobody else is answered meanwhile. */
const listsAtOnce = 100

/** Names of all lists, so many at a time; a store whose lists nobody changes tells each once. */
async function* namesOf(redis: Redis): AsyncGenerator<string[]> {
  let cursor = '0'
  do {
    const found = await redis.scan(cursor, { COUNT: listsAtOnce })
    cursor = String(found.cursor)
    if (found.keys.length > 0) yield found.keys.map(String)
  } while (cursor !== '0')
}

/** Lists and rows that the store holds, computed by the store itself. */
export async function digestOfRedis(
  redis: Redis,
  progress: (lists: number) => void = () => {},
): Promise<{ digest: Sum; rows: number }> {
  let [count, rows, sum] = [0, 0, 0n]
  for await (const keys of namesOf(redis)) {
    const [held, hashes] = (await redis.eval(hashesOfLists, { keys })) as [number, string]
    count += keys.length
    rows += held
    for (let at = 0; at < hashes.length; at += 16) sum += BigInt(`0x${hashes.slice(at, at + 16)}`)
    progress(count)
  }
  return { rows, digest: { count, sum: hexadecimal(sum) } }
}

/**
 * In the store: the first row of each list as 32-bit floats in Intel's order of bytes, NaN where a value is missing. It goes under the
 * list's name into another database.
 */
const packsFirstRows = `local packed = {}
for place, name in ipairs(KEYS) do
  local row = cjson.decode(redis.call('LINDEX', name, 0))
  for column, value in ipairs(row) do row[column] = struct.pack('<f', value == cjson.null and 0 / 0 or value) end
  packed[place] = table.concat(row)
end
redis.call('SELECT', ARGV[1])
for place, name in ipairs(KEYS) do redis.call('SET', name, packed[place]) end`

/** Copies the first row of each list, packed into one value, into another database of the store. */
export async function packFirstRows(
  redis: Redis,
  database: number,
  progress: (lists: number) => void,
): Promise<void> {
  let count = 0
  for await (const keys of namesOf(redis)) {
    await redis.eval(packsFirstRows, { keys, arguments: [String(database)] })
    count += keys.length
    progress(count)
  }
}
