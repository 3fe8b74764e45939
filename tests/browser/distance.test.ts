/** report.html of a comparison at several distances, as a browser shows it. */
import { run } from '../../report/distance/fixture.ts'
import { distanceHtml } from '../../report/distance/html.ts'
import { chartsAreSeen, everyPage } from './every-page.ts'

const shown = everyPage('distance', async () => distanceHtml(run))

chartsAreSeen(shown, 2)
