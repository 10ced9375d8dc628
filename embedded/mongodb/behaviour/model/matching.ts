import { find } from 'mingo'
import { isFields } from './updating.ts'
import type { Fields, Row } from './values.ts'

/** The rows that match, by mingo. */
export function matching(rows: Row[], filter: Fields): Row[] {
  return find<Row>(rows, inMingo(filter)).all()
}

/** What mingo takes otherwise than MongoDB: `$all` of a field that is no array, `$type` of the elements of one. */
function inMingo(filter: Fields): Fields {
  const conditions = Object.entries(filter).map(([field, condition]): Fields => {
    if (Array.isArray(condition) && field.startsWith('$'))
      return { [field]: condition.filter(isFields).map(inMingo) }
    if (!isFields(condition)) return { [field]: condition }
    const { $all, $type } = condition
    if (Array.isArray($all)) return { $and: $all.map((value: unknown) => ({ [field]: value })) }
    if ($type === undefined) return { [field]: condition }
    return { $or: [{ [field]: { $type } }, { [field]: { $elemMatch: { $type } } }] }
  })
  return conditions.length > 1 ? { $and: conditions } : (conditions[0] ?? {})
}
