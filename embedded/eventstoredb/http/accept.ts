interface Range {
  readonly type: string
  readonly quality: number
}

/** The offered media type that an Accept header prefers; undefined if it takes none of them. */
export function negotiate<Type extends string>(
  accept: string | undefined,
  offers: readonly Type[],
): Type | undefined {
  if (accept === undefined || accept.trim() === '') return offers[0]
  const ranges = accept.split(',').map(parseRange)
  let best: { readonly type: Type; readonly quality: number; readonly rank: number } | undefined
  for (const type of offers) {
    const rank = bestRange(ranges, type)
    const quality = ranges[rank]?.quality ?? 0
    const better =
      best === undefined || quality > best.quality || (quality === best.quality && rank < best.rank)
    if (quality > 0 && better) best = { type, quality, rank }
  }
  return best?.type
}

/** Index of the range that says most about a type: itself, then its family, then everything. */
function bestRange(ranges: readonly Range[], type: string): number {
  const family = `${type.slice(0, type.indexOf('/'))}/*`
  for (const wanted of [type, family, '*/*']) {
    const index = ranges.findIndex((range) => range.type === wanted)
    if (index !== -1) return index
  }
  return -1
}

function parseRange(text: string): Range {
  const [type = '', ...parameters] = text.split(';').map((part) => part.trim().toLowerCase())
  const quality = parameters.find((parameter) => parameter.startsWith('q='))
  return { type, quality: quality === undefined ? 1 : Number(quality.slice(2)) || 0 }
}
