/** Where flights come from besides the bundled ones: two forms of the US Bureau of Transportation Statistics' on-time data. */
import { flights } from '../workload/flights.ts'
import type { KnownColumn, KnownSource } from './known.ts'

const delay = 'depdelayminutes'

/** Columns of the names that the dataset has, too. */
const ofTheSameNames = Object.fromEntries(
  flights.columns.map(({ name }): [string, KnownColumn] => [name, { from: name }]),
)

export const flightSources: readonly KnownSource[] = [
  {
    // https://www.kaggle.com/datasets/robikscube/flight-delay-dataset-20182022
    title: 'Flight Status Prediction',
    dataset: flights,
    columns: {
      year: { from: 'Year' },
      quarter: { from: 'Quarter' },
      month: { from: 'Month' },
      distance: { from: 'Distance' },
      dayofweek: { from: 'DayOfWeek' },
      dayofmonth: { from: 'DayofMonth' },
      flight_number_operating_airline: { from: 'Flight_Number_Operating_Airline' },
      originairportid: { from: 'OriginAirportID' },
      destairportid: { from: 'DestAirportID' },
      tail_number: { from: 'Tail_Number', isText: true, missing: 0 },
      [delay]: { from: 'DepDelayMinutes', least: 0 },
    },
    leftOut: {
      without: 'DepDelayMinutes',
      because: { Cancelled: 'cancelled', Diverted: 'diverted' },
      otherwise: 'neither, and no delay is told',
    },
  },
  {
    // As the published comparison trained: numbers throughout, aircraft as codes.
    title: "the published comparison's flights",
    dataset: flights,
    columns: { ...ofTheSameNames, [delay]: { from: delay, least: 0 } },
    leftOut: { without: delay, because: {}, otherwise: 'no delay is told' },
  },
]
