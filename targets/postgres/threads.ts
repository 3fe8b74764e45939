/**
 * How many threads a database takes for one prediction, where its extension has settings for that. PostgresML tells libxgboost
 * pgml.predict_concurrency, which nothing registers, and OpenMP pgml.omp_num_threads, which is there once its library is loaded.
 */
import type { Client } from 'pg'

export interface Threads {
  /** Each setting and its value. */
  words: string
  /** What is to be said where a row has more than one. */
  remark?: string
}

/** Where pgml.predict_concurrency is not set. */
const usual = '2'

const inAddress = 'options=-c%20pgml.predict_concurrency%3D1'

/** @returns undefined where there are no such settings */
export async function threadsOf(client: Client): Promise<Threads | undefined> {
  const { rows } = await client.query<{ openmp: string | null; predicting: string | null }>(
    `SELECT current_setting('pgml.omp_num_threads', true) AS openmp,
            nullif(current_setting('pgml.predict_concurrency', true), '') AS predicting`,
  )
  const { openmp, predicting } = rows[0] ?? {}
  if (!openmp) return undefined
  const words = `pgml.predict_concurrency ${predicting ?? `${usual} (its default)`}, pgml.omp_num_threads ${openmp}`
  return [predicting ?? usual, openmp].every((threads) => threads === '1')
    ? { words }
    : {
        words,
        remark: `one row is predicted by more than one thread (${words}): where cores are busy they wait for each other, and with one a row was up to twenty times as fast; add ${inAddress} to its address`,
      }
}
