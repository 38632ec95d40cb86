/* Insertions into source files at places that their own structure marks. Each throws if its place is not there. */

/** Rewrites a file by these edits, each a function of its text. Throws an error that names the file. */
export function edit(tree, path, ...edits) {
  const text = tree.read(path, 'utf8');
  if (text === null) throw new Error(`${path}: no such file`);
  try {
    tree.write(
      path,
      edits.reduce((result, change) => change(result), text),
    );
  } catch (error) {
    throw new Error(`${path}: ${error.message}`, { cause: error });
  }
}

/** Adds an import beside those of the same or the nearest folder, in the order of their paths. */
export function addImport(statement) {
  const path = pathOf(statement);
  const parts = path.split('/').slice(0, -1);
  const folders = parts.map((_, index) => `${parts.slice(0, parts.length - index).join('/')}/`);
  return (text) => {
    const imports = [...text.matchAll(/^import\b[^;]*;$/gm)].map((match) => ({
      path: pathOf(match[0]),
      start: match.index,
      end: match.index + match[0].length,
    }));
    const near = folders.map((folder) => imports.filter((one) => one.path.startsWith(folder)));
    const list = near.find(({ length }) => length > 0);
    if (!list) throw new Error(`no import beside '${path}' was found`);
    const next = list.find((one) => one.path > path);
    return next ? insert(text, next.start, `${statement}\n`) : insert(text, list.at(-1).end, `\n${statement}`);
  };
}

/** Adds `name` to the names that the file imports, or exports again, from `module`. */
export function addName(module, name) {
  return (text) => {
    const statements = [...text.matchAll(/^(?:import|export)(?: type)? \{([^}]*)\} from '([^']+)';$/gm)];
    const match = statements.find(([, , from]) => from === module);
    if (!match) throw new Error(`no list of names from '${module}' was found`);
    const list = text.indexOf('{', match.index);
    return addItem(text, list, name, true);
  };
}

/** Adds an item to the list that opens after `marker`, at its end or in the order of the list. */
export function addTo(marker, item, { sorted = false } = {}) {
  return (text) => addItem(text, placeOf(text, marker), item, sorted);
}

/** Inserts before the first match of `marker`, or the first one after `from`. */
export function addBefore(marker, addition, from) {
  return (text) => {
    const start = from ? placeOf(text, from) : 0;
    const index = text.slice(start).search(marker);
    if (index < 0) throw new Error(`${marker} was not found`);
    return insert(text, start + index, addition);
  };
}

/** Inserts after the last match of `marker`. */
export function addAfterLast(marker, addition) {
  return (text) => {
    const last = [...text.matchAll(marker)].at(-1);
    if (!last) throw new Error(`${marker} was not found`);
    return insert(text, last.index + last[0].length, addition);
  };
}

/** Repeats the line that matches `marker` with other words in place of its own. */
export function addLike(marker, words) {
  return (text) => {
    const line = marker.exec(text);
    if (!line) throw new Error(`${marker} was not found`);
    const copy = Object.entries(words).reduce((result, [from, to]) => result.replaceAll(from, to), line[0]);
    return insert(text, line.index + line[0].length, `\n${copy}`);
  };
}

export function append(addition) {
  return (text) => `${text.trimEnd()}\n${addition}\n`;
}

function addItem(text, open, item, sorted) {
  const items = itemsOf(text, open);
  const key = (one) => one.replace(/^type /, '');
  const next = sorted && items.find((one) => key(one.text) > key(item));
  if (next) return insert(text, next.start, `${item}, `);
  const last = items.at(-1);
  return insert(text, last ? last.end : open + 1, last ? `, ${item}` : item);
}

/** The items of the list that opens at `open`: text between the commas, or semicolons, outside inner brackets. */
function itemsOf(text, open) {
  const items = [];
  let start = open + 1;
  let depth = 0;
  const end = (index) => {
    const part = text.slice(start, index);
    const trimmed = part.trim();
    const from = start + part.indexOf(trimmed);
    if (trimmed) items.push({ text: trimmed, start: from, end: from + trimmed.length });
    start = index + 1;
  };
  // Brackets and commas in comments and strings are skipped.
  const tokens = /\/\*[\s\S]*?\*\/|\/\/.*|'(?:\\.|[^'\\])*'|`(?:\\.|[^`\\])*`|[()[\]{},]/g;
  tokens.lastIndex = open + 1;
  for (let token = tokens.exec(text); token; token = tokens.exec(text)) {
    const [symbol] = token;
    if ('([{'.includes(symbol)) depth++;
    else if (symbol === ',' && depth === 0) end(token.index);
    else if (')]}'.includes(symbol) && depth-- === 0) {
      end(token.index);
      return items;
    }
  }
  throw new Error('a list does not end');
}

/** Where the bracket is that `marker`, which ends with it, matches. */
function placeOf(text, marker) {
  const match = marker.exec(text);
  if (!match) throw new Error(`${marker} was not found`);
  return match.index + match[0].length - 1;
}

const pathOf = (statement) => /'([^']+)';$/.exec(statement)?.[1] ?? '';

function insert(text, index, addition) {
  return text.slice(0, index) + addition + text.slice(index);
}
