import type { Node } from '@vscode/tree-sitter-wasm';
import { grammarOf, nameOf, withSyntax, type Grammar } from '../../../libs/adapters/memory/src/syntax/grammars';
import type { CodeBase } from './code-base';
import { questionFrom } from './doc-comments';
import type { Asked } from './questions';
import { sample } from './sample';

const LANGUAGES: Record<string, string> = { php: 'PHP', py: 'Python', go: 'Go', ts: 'TypeScript', js: 'JavaScript' };
const FUNCTIONS = /^(function_definition|method_declaration|function_declaration|method_definition)$/;
/** Code that checks or shows other code. */
const NOT_SOURCE = /(^|\/)(tests?|__tests__|testing|fixtures|examples?|lib2to3|idlelib)\//i;
const TEST_FILE = /(_test\.go|\.spec\.ts|\.test\.ts|Test\.php|\.d\.ts)$/;
const MAX_PER_FILE = 4;

/** A function with a doc comment; lines from 0, both included. */
export interface Documented {
  path: string;
  name: string;
  question: string;
  line: number;
  lastLine: number;
  docFrom: number;
  docTo: number;
}

/** HumanInputService of a code base, and the code without the comments that they are made of. */
export async function questionsOfDocs(files: CodeBase, count: number, seed: number) {
  const all: Documented[] = [];
  for (const [path, text] of files) all.push(...(await documentedIn(path, text)));
  const often = new Map<string, number>();
  for (const { question } of all) often.set(question, (often.get(question) ?? 0) + 1);
  const perFile = new Map<string, number>();
  const fit = sample(all, all.length, seed).filter(({ path, question }) => {
    const before = perFile.get(path) ?? 0;
    if (often.get(question) !== 1 || before >= MAX_PER_FILE || NOT_SOURCE.test(path) || TEST_FILE.test(path))
      return false;
    perFile.set(path, before + 1);
    return true;
  });
  const chosen = fit.slice(0, count);
  return withoutDocs(files, chosen);
}

function withoutDocs(files: CodeBase, chosen: Documented[]): { files: CodeBase; questions: Asked[] } {
  const stripped: CodeBase = new Map(files);
  const questions: Asked[] = [];
  for (const path of new Set(chosen.map((one) => one.path))) {
    const own = chosen.filter((one) => one.path === path);
    const gone = new Set(own.flatMap(({ docFrom, docTo }) => range(docFrom, docTo)));
    const lines = files.get(path)!.split('\n');
    stripped.set(path, lines.filter((_, at) => !gone.has(at)).join('\n'));
    const moved = (line: number) => line - [...gone].filter((at) => at < line).length + 1;
    for (const { question, line, lastLine } of own)
      questions.push({ text: question, paths: [path], lines: [moved(line), moved(lastLine)] });
  }
  return { files: stripped, questions };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** All documented functions of a file, whose comment can be taken out. */
export async function documentedIn(path: string, text: string): Promise<Documented[]> {
  const language = LANGUAGES[/\.(\w+)$/.exec(path)?.[1] ?? ''];
  const grammar = grammarOf(language ?? null);
  if (!language || !grammar) return [];
  return (await withSyntax(grammar, text, (root) => read(root, grammar, path, language))) ?? [];
}

function read(root: Node, grammar: Grammar, path: string, language: string): Documented[] {
  const found: Documented[] = [];
  for (const node of root.descendantsOfType([...grammar.definitions, 'variable_declarator'])) {
    if (!node || !isFunction(node)) continue;
    const name = nameOf(node);
    const doc = language === 'Python' ? docString(node) : commentBefore(outermost(node, grammar), language);
    if (!name || !doc) continue;
    const question = questionFrom(doc.text, name, language);
    if (question === null) continue;
    found.push({ path, name, question, line: node.startPosition.row, lastLine: node.endPosition.row, ...doc.lines });
  }
  return found;
}

function isFunction(node: Node): boolean {
  if (FUNCTIONS.test(node.type)) return true;
  return /^(arrow_function|function_expression)$/.test(node.childForFieldName('value')?.type ?? '');
}

function outermost(node: Node, { wrappers }: Grammar): Node {
  let outer = node;
  while (outer.parent && wrappers.includes(outer.parent.type)) outer = outer.parent;
  return outer;
}

function docString(node: Node) {
  const body = node.childForFieldName('body');
  const first = body?.namedChild(0);
  const string = first?.type === 'expression_statement' ? first.namedChild(0) : first;
  // A body of nothing else would be no code without it.
  if (string?.type !== 'string' || body!.namedChildCount < 2) return null;
  return {
    text: string.text,
    lines: { docFrom: string.startPosition.row, docTo: string.endPosition.row },
  };
}

function commentBefore(node: Node, language: string) {
  const comments: Node[] = [];
  let before = node.previousNamedSibling;
  let next = node.startPosition.row;
  while (before?.type === 'comment' && before.endPosition.row >= next - 1 && before.endPosition.row < next) {
    comments.unshift(before);
    next = before.startPosition.row;
    before = before.previousNamedSibling;
    if (language !== 'Go') break;
  }
  const text = comments.map((comment) => comment.text).join('\n');
  if (text === '' || (language !== 'Go' && !text.startsWith('/**'))) return null;
  return { text, lines: { docFrom: next, docTo: comments.at(-1)!.endPosition.row } };
}
