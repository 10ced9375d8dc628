import { z } from 'zod'

const RequestId = z.uuid()

/** The client's request id where it is a UUID, in lower case; else a new one. */
export const requestIdOf = (given: unknown, newId: () => string): string => {
  const parsed = RequestId.safeParse(given)
  return parsed.success ? parsed.data.toLowerCase() : newId()
}
