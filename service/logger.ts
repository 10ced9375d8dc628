import { pino } from 'pino'
import type { Logger } from 'pino'

export type { Logger } from 'pino'

/**
 * Log lines as JSON on stdout, with the service's name. Each is written before the call returns, so that the
 * last words before an exit are there, and in order.
 */
export const loggerOf = (service: string, level: string): Logger =>
  pino(
    {
      level,
      base: { service },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: ['*.authorization', '*.cookie', 'req.headers.authorization', 'req.headers.cookie'],
    },
    pino.destination({ dest: 1, sync: true }),
  )
