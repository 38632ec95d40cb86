import type { Node } from '@vscode/tree-sitter-wasm';
import { grammarOf, nameOf, withSyntax, type Grammar } from '../../../libs/adapters/memory/src/syntax/grammars';
import type { CodeBase } from './code-base';
import { questionFrom } from './doc-comments';
import type { Question } from './questions';
import { sample } from './sample';

const LANGUAGES: Record<string, string> = { php: 'PHP', py: 'Python', go: 'Go', ts: 'TypeScript', js: 'JavaScript' };
const FUNCTIONS = /^(function_definition|method_declaration|function_declaration|method_definition)$/;
/** Tests and examples. */
const NOT_SOURCE = /(^|\/)(tests?|__tests__|testing|fixtures|examples?|lib2to3|idlelib)\//i;
const TEST_FILE = /(_test\.go|\.spec\.ts|\.test\.ts|Test\.php|\.d\.ts)$/;
const MAX_PER_FILE = 4;

/** A function with a doc comment. Lines are numbered from 0, both included. */
export interface Documented {
  path: string;
  name: string;
  question: string;
  line: number;
  lastLine: number;
  docFrom: number;
  docTo: number;
}

/** Returns questions from the doc comments of a code base, and the code without those comments. */
export async function questionsOfDocs(files: CodeBase, count: number, seed: number) {
  const all: Documented[] = [];
  for (const [path, text] of files) all.push(...(await documentedIn(path, text)));
  const occurrences = new Map<string, number>();
  for (const { question } of all) occurrences.set(question, (occurrences.get(question) ?? 0) + 1);
  const perFile = new Map<string, number>();
  const suitable = sample(all, all.length, seed).filter(({ path, question }) => {
    const before = perFile.get(path) ?? 0;
    if (occurrences.get(question) !== 1 || before >= MAX_PER_FILE || NOT_SOURCE.test(path) || TEST_FILE.test(path))
      return false;
    perFile.set(path, before + 1);
    return true;
  });
  const chosen = suitable.slice(0, count);
  return withoutDocs(files, chosen);
}

function withoutDocs(files: CodeBase, chosen: Documented[]): { files: CodeBase; questions: Question[] } {
  const stripped: CodeBase = new Map(files);
  const questions: Question[] = [];
  for (const path of new Set(chosen.map((one) => one.path))) {
    const inFile = chosen.filter((one) => one.path === path);
    const removed = new Set(inFile.flatMap(({ docFrom, docTo }) => range(docFrom, docTo)));
    const lines = files.get(path)!.split('\n');
    stripped.set(path, lines.filter((_, at) => !removed.has(at)).join('\n'));
    const shifted = (line: number) => line - [...removed].filter((at) => at < line).length + 1;
    for (const { question, line, lastLine } of inFile)
      questions.push({ text: question, paths: [path], lines: [shifted(line), shifted(lastLine)] });
  }
  return { files: stripped, questions };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Returns the documented functions of a file whose comments can be removed. */
export async function documentedIn(path: string, text: string): Promise<Documented[]> {
  const language = LANGUAGES[/\.(\w+)$/.exec(path)?.[1] ?? ''];
  const grammar = grammarOf(language ?? null);
  if (!language || !grammar) return [];
  return (await withSyntax(grammar, text, (root) => documentedFunctions(root, grammar, path, language))) ?? [];
}

function documentedFunctions(root: Node, grammar: Grammar, path: string, language: string): Documented[] {
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
  // Without the doc string, an otherwise empty body would be invalid.
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
