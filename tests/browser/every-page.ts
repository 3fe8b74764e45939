/** What holds of every page that is left, as a browser shows it: on a desk, on a phone, in the dark, on paper, by keyboard. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inCache } from '../../build/paths.ts'

const screenshots = inCache('tests', 'screenshots')

const looks = [320, 390, 1280].flatMap((width) =>
  (['light', 'dark'] as const).map((scheme) => [width, scheme] as const),
)

export type Shown = <T>(
  options: { width?: number; scheme?: 'light' | 'dark' },
  look: (page: Page) => Promise<T>,
) => Promise<T>

/**
 * Tests of one page.
 * @param name of its pictures
 * @param made its text
 * @returns for the tests that it alone has
 */
export function everyPage(name: string, made: () => Promise<string>): Shown {
  let folder: string
  let browser: Browser
  const address = () => pathToFileURL(path.join(folder, 'page.html')).href

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'a page '))
    await writeFile(path.join(folder, 'page.html'), await made())
    await mkdir(screenshots, { recursive: true })
    browser = await chromium.launch({
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-background-networking',
        '--disable-component-update',
      ],
    })
  })

  afterAll(async () => {
    await browser?.close()
    if (folder) await rm(folder, { recursive: true, force: true })
  })

  const shown: Shown = async (options, look) => {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1280, height: 800 },
      colorScheme: options.scheme ?? 'light',
    })
    try {
      const page = await context.newPage()
      await page.goto(address())
      return await look(page)
    } finally {
      await context.close()
    }
  }

  test('it loads without an error and without a request', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    const said: string[] = []
    const asked: string[] = []
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(String(error)))
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(address(), { waitUntil: 'networkidle' })
    await context.close()
    expect(said).toEqual([])
    expect(asked.filter((url) => !url.startsWith('data:'))).toEqual([address()])
  })

  test.each(looks)('at %i pixels, %s, nothing overflows and everything can be read', (width, scheme) =>
    shown({ width, scheme }, async (page) => {
      for (const open of [false, true]) {
        await page.locator('details').evaluateAll((all, value) => {
          for (const one of all) (one as HTMLDetailsElement).open = value
        }, open)
        expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width)
        // Letters of a chart may not leave their frame, nor cover each other.
        const faults = await page.locator('figure').evaluateAll((figures) =>
          figures.flatMap((figure) => {
            // A chart that is wider than its frame scrolls within it.
            const isLong = figure.querySelector('svg.long') !== null
            const frame = (isLong ? figure.querySelector('svg') : figure)?.getBoundingClientRect() as DOMRect
            const title = figure.querySelector('h3')?.textContent
            const texts = [...figure.querySelectorAll('svg text')].filter((text) => text.textContent)
            const boxes = texts.map((text) => ({
              text: text.textContent,
              box: text.getBoundingClientRect(),
            }))
            return boxes.flatMap(({ text, box }, index) => [
              ...(box.left < frame.left - 0.5 || box.right > frame.right + 0.5
                ? [`${title}: ${text} leaves the frame`]
                : []),
              ...boxes
                .slice(index + 1)
                .filter(
                  ({ box: other }) =>
                    Math.min(box.right, other.right) - Math.max(box.left, other.left) > 1 &&
                    Math.min(box.bottom, other.bottom) - Math.max(box.top, other.top) > box.height / 3,
                )
                .map((other) => `${title}: ${text} covers ${other.text}`),
            ])
          }),
        )
        expect(faults).toEqual([])
      }
      await page.screenshot({
        path: path.join(screenshots, `${name}-${width}-${scheme}.png`),
        fullPage: true,
      })
      // WCAG 2.2, 1.4.3: at least 4.5 to 1.
      const poor = await page.evaluate(() => {
        const luminance = (colour: string) => {
          const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => {
            const share = Number(part) / 255
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
          })
          return 0.2126 * r + 0.7152 * g + 0.0722 * b
        }
        const groundOf = (element: Element): string => {
          for (let each: Element | null = element; each; each = each.parentElement) {
            const { backgroundColor } = getComputedStyle(each)
            if (!/, 0\)$|transparent/.test(backgroundColor)) return backgroundColor
          }
          return 'rgb(255, 255, 255)'
        }
        return [...document.querySelectorAll('h1, h2, h3, p, td, th, li, summary, caption, span, code')]
          .filter((element) => element.textContent?.trim())
          .flatMap((element) => {
            const [a, b] = [getComputedStyle(element).color, groundOf(element)].map(luminance) as [
              number,
              number,
            ]
            const contrast = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
            return contrast < 4.5 ? [`${element.tagName} ${element.className}: ${contrast.toFixed(2)}`] : []
          })
      })
      expect([...new Set(poor)]).toEqual([])
    }))

  test('the dark page is dark', async () => {
    const ground = (scheme: 'light' | 'dark') =>
      shown({ scheme }, (page) => page.evaluate(() => getComputedStyle(document.body).backgroundColor))
    expect(await ground('light')).toBe('rgb(255, 255, 255)')
    expect(await ground('dark')).not.toBe('rgb(255, 255, 255)')
  })

  test('the keyboard reaches and opens the figures behind each chart', () =>
    shown({}, async (page) => {
      const summaries = await page.locator('summary').count()
      const reached = new Set<string>()
      for (let press = 0; press < summaries + 30; press++) {
        await page.keyboard.press('Tab')
        const [tag, name] = await page.evaluate(() => [
          document.activeElement?.tagName,
          document.activeElement?.closest('figure')?.querySelector('h3')?.textContent ?? '',
        ])
        if (tag !== 'SUMMARY' || reached.has(name as string)) continue
        reached.add(name as string)
        await page.keyboard.press('Enter')
      }
      expect(reached.size).toBe(summaries)
      expect(await page.locator('details[open]').count()).toBe(summaries)
    }))

  test('on paper the figures stand open', () =>
    shown({}, async (page) => {
      await page.emulateMedia({ media: 'print' })
      for (const table of await page.locator('details table').all())
        expect((await table.boundingBox())?.height).toBeGreaterThan(20)
      await page.screenshot({ path: path.join(screenshots, `${name}-print.png`), fullPage: true })
    }))

  return shown
}

/** Marks of each chart, by its title, that take up room where they are seen. */
export async function marksSeen(page: Page): Promise<[title: string, marks: number][]> {
  const figures = await page.locator('figure').all()
  return Promise.all(
    figures.map(async (figure): Promise<[string, number]> => {
      const marks = await figure
        .locator(
          '[aria-label="line"] path, [aria-label="dot"] :is(circle, path), [aria-label="bar"] rect, [aria-label="rect"] rect',
        )
        .all()
      const boxes = await Promise.all(marks.map((mark) => mark.boundingBox()))
      const title = (await figure.locator('h3').textContent()) ?? ''
      return [title, boxes.filter((box) => box && box.width + box.height > 0.5).length]
    }),
  )
}

/** A test: each of so many charts has marks. */
export const chartsAreSeen = (shown: Shown, charts: number) =>
  test('charts have marks that are seen', () =>
    shown({}, async (page) => {
      const seen = await marksSeen(page)
      expect(seen).toHaveLength(charts)
      expect(seen.filter(([, marks]) => marks === 0)).toEqual([])
    }))
