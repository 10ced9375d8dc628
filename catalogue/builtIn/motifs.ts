import type { Variation } from './variation.ts'

/** The colours of one picture: they go together, and stand out from its ground. */
export interface Palette {
  readonly light: string
  readonly main: string
  readonly dark: string
  readonly accent: string
}

/** Shapes on a field of 240 × 240. */
export type Motif = (palette: Palette, variation: Variation) => string

const pot: Motif = ({ light, main, dark, accent }, { between }) => {
  const width = between('size', 84, 116)
  const left = 120 - width / 2
  const height = between('count', 52, 72)
  return `<rect x="${left - 16}" y="124" width="${width + 32}" height="12" rx="6" fill="${dark}"/>
<rect x="${left}" y="110" width="${width}" height="${height}" rx="14" fill="${main}"/>
<rect x="${left + 10}" y="122" width="8" height="${height - 28}" rx="4" fill="${light}"/>
<path d="M${left - 4} 108a${width / 2 + 4} 34 0 0 1 ${width + 8} 0z" fill="${accent}"/>
<circle cx="120" cy="68" r="8" fill="${dark}"/>`
}

const books: Motif = ({ light, main, dark, accent }, { between, one }) => {
  const count = between('count', 3, 4)
  const colours = one('form', [
    [main, accent, dark],
    [accent, dark, main],
    [dark, main, accent],
  ])
  const book = (_: unknown, i: number) => {
    const left = 60 + ((between('turn', 0, 30) + i * 13) % 26)
    const top = 152 - i * 28
    return `<rect x="${left}" y="${top}" width="106" height="26" rx="4" fill="${colours[i % 3]}"/>
<rect x="${left + 14}" y="${top}" width="5" height="26" fill="${light}" fill-opacity="0.7"/>`
  }
  return Array.from({ length: count }, book).join('\n')
}

const plant: Motif = ({ light, main, dark, accent }, { between, one }) => {
  const pairs = between('count', 2, 3)
  const reach = between('size', 30, 42)
  const leaf = (top: number, side: number) =>
    `<path d="M120 ${top}q${side * reach * 0.4} ${-reach} ${side * reach} ${-reach * 0.6}q${-side * 6} ${reach * 0.8} ${-side * reach} ${reach * 0.6}z" fill="${main}"/>`
  const leaves = Array.from(
    { length: pairs },
    (_, i) => `${leaf(132 - i * 28, 1)}\n${leaf(122 - i * 28, -1)}`,
  )
  const bloom = one('form', [
    `<circle cx="120" cy="56" r="13" fill="${accent}"/>\n<circle cx="120" cy="56" r="5" fill="${light}"/>`,
    `<path d="M120 38l12 22h-24z" fill="${accent}"/>`,
    `<ellipse cx="120" cy="56" rx="9" ry="15" fill="${accent}"/>`,
  ])
  return `<rect x="117" y="60" width="6" height="90" rx="3" fill="${dark}"/>
${leaves.join('\n')}
${bloom}
<path d="M84 146h72l-10 46h-52z" fill="${accent}"/>
<rect x="78" y="138" width="84" height="14" rx="4" fill="${dark}"/>`
}

const pencil: Motif = ({ light, main, dark, accent }, { between }) => {
  const lines = Array.from(
    { length: between('count', 3, 5) },
    (_, i) =>
      `<rect x="82" y="${78 + i * 18}" width="${76 - ((i * 17) % 34)}" height="4" rx="2" fill="${main}"/>`,
  )
  return `<rect x="68" y="52" width="104" height="136" rx="8" fill="${light}"/>
${lines.join('\n')}
<g transform="rotate(${between('turn', 24, 56)} 132 132)">
<rect x="122" y="60" width="20" height="96" fill="${accent}"/>
<rect x="122" y="50" width="20" height="14" rx="4" fill="${dark}"/>
<path d="M122 156h20l-10 26z" fill="${dark}"/>
</g>`
}

const blocks: Motif = ({ light, main, dark, accent }, { between, one }) => {
  const [left, right, top] = one('form', [
    [main, accent, dark],
    [accent, dark, main],
    [dark, main, accent],
  ])
  const roof = one('count', [
    `<path d="M120 54l34 46h-68z" fill="${top}"/>`,
    `<circle cx="120" cy="76" r="26" fill="${top}"/>`,
    `<path d="M86 100a34 34 0 0 1 68 0z" fill="${top}"/>`,
  ])
  const shift = between('turn', -8, 8)
  return `<rect x="58" y="124" width="60" height="60" rx="8" fill="${left}"/>
<circle cx="88" cy="154" r="14" fill="${light}"/>
<rect x="124" y="124" width="60" height="60" rx="8" fill="${right}"/>
<path d="M154 138l15 30h-30z" fill="${light}"/>
<g transform="translate(${shift} 22)">
${roof}
</g>`
}

const tent: Motif = ({ light, main, dark, accent }, { between }) => {
  const peak = between('left', 60, 92)
  const door = between('count', 40, 62)
  return `<circle cx="${between('size', 148, 180)}" cy="74" r="18" fill="${accent}"/>
<path d="M36 176l${peak - 36} -92 74 92z" fill="${light}"/>
<path d="M112 176l48 -60 48 60z" fill="${light}" fill-opacity="0.7"/>
<path d="M64 184l56 -84 56 84z" fill="${main}"/>
<path d="M120 ${184 - door}l17 ${door}h-34z" fill="${dark}"/>
<rect x="44" y="182" width="152" height="8" rx="4" fill="${dark}"/>`
}

const lamp: Motif = ({ light, main, dark, accent }, { between, one }) => {
  const spread = between('size', 36, 50)
  const foot = one('form', [
    `<ellipse cx="120" cy="184" rx="36" ry="9" fill="${dark}"/>`,
    `<rect x="88" y="176" width="64" height="14" rx="7" fill="${dark}"/>`,
    `<path d="M120 152l30 38h-60z" fill="${dark}"/>`,
  ])
  return `<path d="M${120 - spread} 112l-20 70h${2 * spread + 40}l-20 -70z" fill="${light}" fill-opacity="0.6"/>
<rect x="116" y="108" width="8" height="74" fill="${dark}"/>
<path d="M100 54h40l${spread - 20} 60h${-2 * spread}z" fill="${main}"/>
<rect x="${120 - spread}" y="${between('count', 96, 104)}" width="${2 * spread}" height="6" fill="${accent}"/>
${foot}`
}

const cup: Motif = ({ light, main, dark, accent }, { between }) => {
  const steam = Array.from({ length: between('count', 2, 3) }, (_, i) => {
    const left = 92 + i * 22
    return `<path d="M${left} 88q-10 -12 0 -22t0 -${between('size', 18, 26)}" fill="none" stroke="${light}" stroke-width="6" stroke-linecap="round"/>`
  })
  return `${steam.join('\n')}
<circle cx="160" cy="132" r="22" fill="none" stroke="${dark}" stroke-width="10"/>
<path d="M70 102h90v32a42 42 0 0 1 -42 42h-6a42 42 0 0 1 -42 -42z" fill="${main}"/>
<rect x="70" y="${between('turn', 116, 130)}" width="90" height="10" fill="${accent}"/>
<ellipse cx="115" cy="184" rx="62" ry="8" fill="${dark}"/>`
}

const parcel: Motif = ({ light, main, dark, accent }, { between }) => {
  const ribbon = between('left', 96, 124)
  return `<rect x="60" y="104" width="120" height="84" rx="8" fill="${main}"/>
<rect x="52" y="84" width="136" height="28" rx="6" fill="${dark}"/>
<rect x="${ribbon}" y="84" width="18" height="104" fill="${accent}"/>
<circle cx="${ribbon - 8}" cy="70" r="${between('size', 12, 17)}" fill="none" stroke="${accent}" stroke-width="8"/>
<circle cx="${ribbon + 26}" cy="70" r="${between('size', 12, 17)}" fill="none" stroke="${accent}" stroke-width="8"/>
<rect x="72" y="168" width="26" height="8" rx="4" fill="${light}"/>`
}

const rings: Motif = ({ light, main, dark, accent }, { between }) =>
  `<circle cx="${between('left', 84, 104)}" cy="136" r="44" fill="${main}"/>
<circle cx="${between('top', 138, 158)}" cy="128" r="36" fill="${accent}" fill-opacity="0.85"/>
<circle cx="120" cy="88" r="${between('size', 18, 30)}" fill="${dark}" fill-opacity="0.85"/>
<circle cx="120" cy="88" r="8" fill="${light}"/>`

/** What stands for a category: its forms, and the hue that its pictures are about (0 … 359). */
export interface Theme {
  readonly motif: Motif
  readonly hue: number
}

const themes: ReadonlyMap<string, Theme> = new Map([
  ['kitchen', { motif: pot, hue: 30 }],
  ['books', { motif: books, hue: 190 }],
  ['garden', { motif: plant, hue: 100 }],
  ['stationery', { motif: pencil, hue: 215 }],
  ['toys', { motif: blocks, hue: 280 }],
  ['outdoor', { motif: tent, hue: 150 }],
  ['home', { motif: lamp, hue: 350 }],
  ['tea-and-coffee', { motif: cup, hue: 15 }],
  ['packages', { motif: parcel, hue: 240 }],
])

/** Other shops' categories get rings. */
export const themeOf = (category: string): Theme => themes.get(category) ?? { motif: rings, hue: 60 }
