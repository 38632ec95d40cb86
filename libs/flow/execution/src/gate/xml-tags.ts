export interface XmlTag {
  kind: 'open' | 'close' | 'empty';
  name: string;
  attributes: Map<string, string>;
}

const MAX_DEPTH = 100;
const NAME = /[^\s=/>"'<]+/y;
const ATTRIBUTE = /\s*([^\s=/>"'<]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;
const END = /\s*(\/?)>/y;
const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * Yields the tags of an XML text in order, with bounded depth and in linear time. Text, comments and CDATA are skipped; document
 * types are refused, so there are no entities to expand. Throws SyntaxError if tags are malformed or do not match.
 */
export function* xmlTags(xml: string): Generator<XmlTag> {
  const open: string[] = [];
  for (let at = xml.indexOf('<'); at >= 0; at = xml.indexOf('<', at)) {
    const skipped = endOfSkipped(xml, at);
    if (skipped !== null) {
      at = skipped;
      continue;
    }
    const { tag, end } = readTag(xml, at);
    if (tag.kind === 'open' && open.push(tag.name) > MAX_DEPTH) throw new SyntaxError('too deep');
    if (tag.kind === 'close' && open.pop() !== tag.name) throw new SyntaxError(`unexpected </${tag.name}>`);
    yield tag;
    at = end;
  }
  if (open.length > 0) throw new SyntaxError('the text ends inside a tag');
}

/** Returns the end of a comment, CDATA section or instruction that starts here, or null if a tag does. */
function endOfSkipped(xml: string, at: number): number | null {
  if (xml.startsWith('<!--', at)) return endOf(xml, '-->', at + 4);
  if (xml.startsWith('<![CDATA[', at)) return endOf(xml, ']]>', at + 9);
  if (xml.startsWith('<?', at)) return endOf(xml, '?>', at + 2);
  if (xml.startsWith('<!', at)) throw new SyntaxError('document types are not allowed');
  return null;
}

function endOf(xml: string, mark: string, from: number): number {
  const end = xml.indexOf(mark, from);
  if (end < 0) throw new SyntaxError(`no ${mark}`);
  return end + mark.length;
}

function readTag(xml: string, at: number): { tag: XmlTag; end: number } {
  const closes = xml[at + 1] === '/';
  const name = match(NAME, xml, at + (closes ? 2 : 1));
  const attributes = new Map<string, string>();
  let end = NAME.lastIndex;
  for (let found = match(ATTRIBUTE, xml, end, true); found; found = match(ATTRIBUTE, xml, end, true)) {
    end = ATTRIBUTE.lastIndex;
    attributes.set(found[1]!, decode(found[2] ?? found[3] ?? ''));
  }
  const last = match(END, xml, end);
  const kind = closes ? 'close' : last[1] ? 'empty' : 'open';
  return { tag: { kind, name: name[0], attributes }, end: END.lastIndex };
}

function match(pattern: RegExp, xml: string, at: number): RegExpExecArray;
function match(pattern: RegExp, xml: string, at: number, optional: true): RegExpExecArray | null;
function match(pattern: RegExp, xml: string, at: number, optional = false): RegExpExecArray | null {
  pattern.lastIndex = at;
  const found = pattern.exec(xml);
  if (!found && !optional) throw new SyntaxError(`malformed tag at ${at}`);
  return found;
}

function decode(text: string): string {
  return text.replace(/&(#x?[\da-fA-F]{1,6}|\w{1,6});/g, (whole, code: string) => {
    if (!code.startsWith('#')) return ENTITIES[code] ?? whole;
    const point = code.startsWith('#x') ? parseInt(code.slice(2), 16) : Number(code.slice(1));
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
