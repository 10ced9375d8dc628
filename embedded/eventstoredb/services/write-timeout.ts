/** How long a node takes over a write before it says that it doesn't know what has become of it. */
export const writeTimeoutMs = 2000

/**
 * Answers a write once: with its result, or without one when its time is up. A write that is given up may still
 * be done, as after any timeout; who sends it again is told what has become of the first.
 */
export function withinTime<Result>(
  patienceMs: number,
  write: (done: (result: Result) => void) => void,
  answer: (result: Result | 'timeout') => void,
): void {
  let answered = false
  let timer: NodeJS.Timeout | undefined
  const once = (result: Result | 'timeout'): void => {
    if (answered) return
    answered = true
    clearTimeout(timer)
    answer(result)
  }
  write(once)
  if (!answered) timer = setTimeout(once, patienceMs, 'timeout')
}
