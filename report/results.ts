/**
 * What a command leaves behind, and the one place that writes it. Every place is tried before anything is measured; a file
 * that cannot be written afterwards costs a warning, and neither the verdict nor its exit code.
 */
import { mkdir, rmdir } from 'node:fs/promises'
import path from 'node:path'
import { BadInput, reasonOf } from '../build/failure.ts'
import { results, shown } from '../build/paths.ts'
import { appendWhole, tryAppend, tryFolder, writeWhole } from '../build/place.ts'
import type { Format, Judged } from './formats.ts'

/** Whatever else was to be told. */
type Warn = (text: string) => void

const onStandardError: Warn = (text) => void process.stderr.write(`\n! ${text}\n`)

/** Of a folder and all below it. */
interface Tally {
  written: number
  missing: string[]
}

/** Results in which files are kept, whatever is left at last. */
export type Folder = Pick<Results<never>, 'folder' | 'keep' | 'keepJson' | 'below'>

/** @typeParam T what {@link Results.leave} renders in every format */
export class Results<T = Judged> {
  readonly folder: string
  readonly #formats: readonly Format<T>[]
  readonly #tally: Tally
  readonly #warn: Warn

  private constructor(folder: string, formats: readonly Format<T>[], tally: Tally, warn: Warn) {
    this.folder = folder
    this.#formats = formats
    this.#tally = tally
    this.#warn = warn
  }

  /**
   * Makes the folder and tries every place.
   * @param formats what {@link leave} will write
   * @throws {BadInput} naming the place and what stands in the way
   */
  static async open<T = Judged>(
    folder: string,
    formats: readonly Format<T>[] = [],
    warn = onStandardError,
  ): Promise<Results<T>> {
    await tryFolder(folder)
    for (const { variable, file } of elsewhere(formats))
      await tryAppend(file).catch((error) => {
        throw new BadInput(
          `${variable}: ${file} cannot be written to: ${reasonOf(error)}`,
          `Let ${variable} name a file that can be written, or unset it`,
        )
      })
    return new Results(folder, formats, { written: 0, missing: [] }, warn)
  }

  /** A folder below, of the same results. */
  below(name: string): Folder {
    return new Results(path.join(this.folder, name), [], this.#tally, this.#warn)
  }

  keep(name: string, text: string | Uint8Array): Promise<void> {
    const file = path.join(this.folder, name)
    return this.#attempt(file, async () => {
      await mkdir(this.folder, { recursive: true })
      await writeWhole(file, text)
    })
  }

  keepJson(name: string, value: unknown): Promise<void> {
    return this.keep(name, JSON.stringify(value, null, 1))
  }

  /** A run in every format. */
  async leave(what: T): Promise<void> {
    for (const { file, render } of this.#formats) await this.keep(file, await render(what))
    for (const { file, format } of elsewhere(this.#formats))
      await this.#attempt(file, async () => appendWhole(file, await format.render(what)))
  }

  /** Where all of it is to be found. */
  said(what = 'Everything measured'): string {
    const { written, missing } = this.#tally
    const stands = `stand${what.includes(' and ') ? '' : 's'} in ${shown(this.folder)}`
    if (missing.length === 0) return `${what} ${stands}`
    const few = missing.slice(0, 3).map(shown).join(', ')
    const more = missing.length > 3 ? ` and ${missing.length - 3} more` : ''
    return `Not written: ${few}${more}${written > 0 ? `; all else stands in ${shown(this.folder)}` : ''}`
  }

  async #attempt(file: string, work: () => Promise<void>): Promise<void> {
    try {
      await work()
      this.#tally.written++
    } catch (error) {
      this.#tally.missing.push(file)
      this.#warn(`${shown(file)} could not be written: ${reasonOf(error)}`)
    }
  }
}

/** Files outside the folder that the environment asks for. */
const elsewhere = <T>(formats: readonly Format<T>[]) =>
  formats.flatMap((format) => {
    const { appendedTo: variable } = format
    const file = variable && process.env[variable]
    return file ? [{ variable, file, format }] : []
  })

/** Of two calls that begin in one millisecond each has its own. @throws {BadInput} naming what stands in the way */
async function newFolder(name: string): Promise<string> {
  for (let number = 1; ; number++) {
    // Whoever leaves nothing takes away the folder of all results, too.
    await tryFolder(results)
    const folder = path.join(results, number === 1 ? name : `${name}-${number}`)
    try {
      await mkdir(folder)
      return folder
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException
      if (!['EEXIST', 'ENOENT'].includes(code)) throw error
    }
  }
}

/** A new folder for what one call of a command leaves; it goes again where nothing was left in it, and so does the one above. */
export async function withResults<Outcome, T = Judged>(
  work: (left: Results<T>, startedAt: Date) => Promise<Outcome>,
  formats: readonly Format<T>[] = [],
): Promise<Outcome> {
  const startedAt = new Date()
  const folder = await newFolder(startedAt.toISOString().replace(/[:.]/g, '-'))
  try {
    return await work(await Results.open(folder, formats), startedAt)
  } finally {
    await rmdir(folder)
      .then(() => rmdir(results))
      .catch(() => {})
  }
}
