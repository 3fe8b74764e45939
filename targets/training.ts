/** What a training cost. */

export interface TrainingReport {
  /** Seconds from the beginning of the read to the stored model. */
  seconds: number
  peakBytes: number
  /** How the peak was measured. */
  peakMethod: 'VmHWM' | 'sampled' | 'ru_maxrss'
  /** ISO time at which it was trained; a later run that changes nothing keeps the model and these figures. */
  trainedAt: string
}
