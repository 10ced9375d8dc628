import type { Product } from '../product.ts'
import { themeOf } from './motifs.ts'
import { variationOf } from './variation.ts'
import { xmlOf } from './xml.ts'

const colour = (hue: number, saturation: number, lightness: number) =>
  `hsl(${hue % 360}, ${saturation}%, ${lightness}%)`

/**
 * A picture for a product that has none, as an SVG document: what stands for its category, in colours and forms that
 * follow from the sku. It brings its own ground, neither white nor black, so that it sits well on light and dark
 * pages; it refers to nothing outside, runs nothing, and tells screen readers the product's name.
 */
export const pictureOf = ({ sku, name, category }: Pick<Product, 'sku' | 'name' | 'category'>): string => {
  const variation = variationOf(sku)
  const { between } = variation
  const theme = themeOf(category)
  const hue = theme.hue + between('hue', 0, 30)
  const accentHue = hue + between('accent', 120, 240)
  const shapes = theme.motif(
    {
      light: colour(hue, 60, 94),
      main: colour(hue, 42, 52),
      dark: colour(hue, 36, 30),
      accent: colour(accentHue, 58, 60),
    },
    variation,
  )
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 240 240" role="img">
<title>${xmlOf(name)}</title>
<rect width="240" height="240" rx="24" fill="${colour(hue, 44, 82)}"/>
<circle cx="${between('left', 40, 200)}" cy="${between('top', 30, 110)}" r="${between('size', 50, 80)}" fill="${colour(hue, 50, 88)}"/>
${shapes}
</svg>
`
}
