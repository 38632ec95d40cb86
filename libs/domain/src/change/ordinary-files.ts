import { wordSet, type FoldedPath } from './sensitive-kinds';

/** Source code, templates, styles, documentation, translations, media and tables: ordinary in every folder. */
const ORDINARY_EXTENSIONS = wordSet(`
  ts tsx mts cts js jsx mjs cjs vue svelte astro coffee py pyi pyx pxd php phtml rb go java kt scala rs c h cc cpp cxx hpp hh
  hxx inl ipp m mm swift cs fs fsi vb dart ex erl hrl elm clj cljs cljc lua pl pm r jl ml mli nim d pas f90 sql graphql gql
  proto thrift css scss sass less styl pcss
  html htm xhtml hbs handlebars mustache ejs pug jade jinja jinja2 j2 twig erb haml slim liquid latte njk eta cshtml razor
  eex heex leex vm ftl ftlh jsp tpl
  md markdown mdx txt text rst adoc asciidoc textile org tex bib cff
  png jpg jpeg gif webp avif ico svg bmp tiff woff woff2 ttf otf eot mp3 mp4 webm ogg wav flac mov pdf
  csv tsv ndjson jsonl po pot mo xlf xliff arb resx strings stringsdict snap golden approved ipynb geojson`);
/** Ordinary below source folders, scripts elsewhere. */
const SOURCE_EXTENSIONS = wordSet('kts groovy');
/** Ordinary in folders of data. */
const CONFIG_EXTENSIONS = wordSet('yaml yml toml ini cfg conf xml properties');
/** Ordinary in folders of data and tests. */
const DATA_EXTENSIONS = wordSet('json json5 jsonc out expected');

const TEST_FOLDERS = wordSet('test tests spec specs __tests__ e2e testing');
const DATA_FOLDERS = wordSet(`
  locales locale i18n l10n lang langs languages translations messages data dataset datasets fixtures fixture __fixtures__
  testdata test-data test_data mocks __mocks__ snapshots __snapshots__ cassettes samples sample examples example assets
  static public images img icons fonts media doc docs documentation`);
/** Folders of files that tests compare with: ordinary whatever their kind. */
const EXPECTATION_FOLDERS = wordSet(
  'fixtures fixture __fixtures__ testdata test-data test_data snapshots __snapshots__ cassettes golden goldens',
);
const DOCUMENTS =
  /^(readme|changelog|changes|history|news|license|licence|copying|copyright|notice|authors|contributors|maintainers|credits|contributing|todo|roadmap|faq|upgrading|thanks|patents)([._-][a-z0-9.-]*)?$/;
const MESSAGES = /^(messages|labels|strings|translations?|validationmessages)[\w-]*\.properties$/;

/** Returns true for files that are recognisably source code, tests, documentation, translations or assets. */
export function isOrdinary({ name, extension, folders }: FoldedPath): boolean {
  const isIn = (names: Set<string>) => folders.some((folder) => names.has(folder));
  if (ORDINARY_EXTENSIONS.has(extension) || MESSAGES.test(name) || /_test\.exs$/.test(name)) return true;
  if (SOURCE_EXTENSIONS.has(extension)) return folders.includes('src');
  if (CONFIG_EXTENSIONS.has(extension)) return isIn(DATA_FOLDERS);
  if (DATA_EXTENSIONS.has(extension) && (isIn(DATA_FOLDERS) || isIn(TEST_FOLDERS))) return true;
  if (isIn(EXPECTATION_FOLDERS)) return true;
  return DOCUMENTS.test(name) && !/^json/.test(extension);
}

/** Returns the reason for a file that is of no known sensitive kind, and not ordinary either. */
export function unknownReason({ extension }: FoldedPath): string {
  return /^(jsonc?|json5|yaml|yml|toml|ini|cfg|conf|xml|properties|plist|neon|edn|dhall|cue)$/.test(extension)
    ? 'It is configuration.'
    : 'It is not recognisably source code, a test, documentation or an asset.';
}
