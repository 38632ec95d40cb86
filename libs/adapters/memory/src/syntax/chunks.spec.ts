import { expect, it } from 'vitest';
import { chunksOf } from './chunks';

const outline = async (language: string, text: string) =>
  (await chunksOf(text, language)).map(({ startLine, endLine, symbol, names }) => [
    startLine,
    endLine,
    symbol,
    names.join(' '),
  ]);

it('splits TypeScript by definitions, including their comments and decorators', async () => {
  const text = `import { x } from 'x';

/** Money. */
@Injectable()
export class Price {
  constructor(private readonly cents: number) {
    super();
  }

  /** Rounds half up. */
  round(): number {
    return Math.round(this.cents);
  }
}

export const taxOf = (price: Price) => {
  const rate = 0.2;
  return price.round() * rate;
};
`;
  expect(await outline('TypeScript', text)).toEqual([
    [1, 5, 'Price', 'Price'],
    [6, 8, 'Price.constructor', 'constructor'],
    [10, 13, 'Price.round', 'round'],
    [16, 19, 'taxOf', 'taxOf'],
  ]);
});

it('finds the names of definitions in PHP, Go and Python', async () => {
  const php = `<?php\nnamespace Shop;\n\nfinal class Cart\n{\n    public function total(): int\n    {\n        return 1;\n    }\n}\n`;
  expect((await chunksOf(php, 'PHP')).map(({ symbol }) => symbol)).toContain('Cart.total');
  const go = `package shop\n\n// Total sums up.\nfunc (c *Cart[T]) Total() int {\n\tsum := 0\n\treturn sum\n}\n`;
  expect(await outline('Go', go)).toEqual([[1, 7, 'Cart.Total', 'Total']]);
  const python = `class Cart:\n    @property\n    def total(self):\n        # sum\n        return 1\n`;
  expect(await outline('Python', python)).toEqual([[1, 5, 'Cart.total', 'Cart total']]);
});

it('splits text without a grammar or with syntax errors at headings and blank lines, and keeps every line', async () => {
  expect(await outline('Markdown', '# One\n\ntext\n\n## Two\n\n```\n# no heading\n```\n')).toEqual([
    [1, 3, 'One', 'One'],
    [5, 9, 'Two', 'Two'],
  ]);
  const text = Array.from({ length: 300 }, (_, n) => (n % 40 === 39 ? '' : `key${n} = ${n}`)).join('\n');
  const chunks = await chunksOf(text, 'INI');
  expect(chunks.length).toBeGreaterThan(2);
  expect(chunks.flatMap((chunk) => chunk.text.split('\n')).filter(Boolean)).toEqual(text.split('\n').filter(Boolean));
  const broken = `def ok():\n    return 1\n    # so\n\n)))) def class ((\n`;
  expect((await chunksOf(broken, 'Python')).flatMap((chunk) => chunk.text.split('\n'))).toContain(')))) def class ((');
});
