/** training.html as a browser shows it. */
import { expect, test } from 'vitest'
import { sampleTrainingRun } from '../../report/training/fixture.ts'
import { trainingHtml } from '../../report/training/html.ts'
import { sentence } from '../../report/training/words.ts'
import { everyPage, marksSeen } from './every-page.ts'

const run = sampleTrainingRun()
const shown = everyPage('training', async () => trainingHtml(run))

test('what was measured stands on the first screen, beside what was published', () =>
  shown({}, async (page) => {
    expect(await page.locator('.verdict').textContent()).toContain(sentence(run))
    const table = page.locator('header table')
    expect(await table.innerText()).toContain('2.20×')
    const box = await table.boundingBox()
    expect(box && box.y + box.height).toBeLessThan(800)
  }))

test('charts have marks that are seen', () =>
  shown({}, async (page) => {
    const seen = await marksSeen(page)
    // A line for each way and a dot for each of its sizes.
    expect(seen).toEqual([
      ['Memory by rows', 3 + 6],
      ['Memory beside the first way', 2 + 4],
      ['Time by rows', 3 + 6],
    ])
  }))
