import type { GroupInfo } from '../codec/persistent-info.ts'
import { bytesText, plural } from './text.ts'

type Checkpoints = Pick<GroupInfo, 'lastKnown' | 'lastCheckpointed'>

/** How far a group's checkpoint is behind what it knows of: in events of a stream, in bytes of `$all`. */
export function lagText({ lastKnown, lastCheckpointed }: Checkpoints): string {
  if (lastKnown === '') return 'nothing read yet'
  if (lastCheckpointed === '') return 'no checkpoint yet'
  const known = placeOf(lastKnown)
  const lag = Math.max(0, known.at - placeOf(lastCheckpointed).at)
  if (lag === 0) return 'none'
  return known.inLog ? `${bytesText(lag)} of log` : plural(lag, 'event')
}

/** `12` is a revision, `C:12/P:12` a position. */
function placeOf(text: string): { at: number; inLog: boolean } {
  const position = /^C:(-?\d+)\//u.exec(text)?.[1]
  return { at: Number(position ?? text), inLog: position !== undefined }
}
