import { createRequire } from 'node:module';
import type { Language, Node, Parser, Tree } from '@vscode/tree-sitter-wasm';

const require = createRequire(import.meta.url);
/** A file that takes longer to parse is split at blank lines. */
const PARSE_TIMEOUT_MS = 2_000;

/** Node types of a grammar that define names. */
export interface Grammar {
  id: string;
  /** Nodes that are definitions. */
  definitions: string[];
  /** Nodes around a definition that belong to it, such as decorators and `export`. */
  wrappers: string[];
  /** Nodes that assign a function to a name, such as `const f = () => ...`. */
  assignments?: string[];
}

const SCRIPT: Omit<Grammar, 'id'> = {
  definitions: [
    'function_declaration',
    'generator_function_declaration',
    'class_declaration',
    'abstract_class_declaration',
    'method_definition',
    'interface_declaration',
    'type_alias_declaration',
    'enum_declaration',
    'internal_module',
    'abstract_method_signature',
    'method_signature',
    'function_signature',
  ],
  wrappers: ['export_statement', 'lexical_declaration', 'variable_declaration', 'expression_statement'],
  assignments: ['variable_declarator', 'assignment_expression', 'public_field_definition', 'pair'],
};
const GRAMMARS: Record<string, Grammar> = {
  python: {
    id: 'python',
    definitions: ['function_definition', 'class_definition'],
    wrappers: ['decorated_definition'],
  },
  php: {
    id: 'php',
    definitions: [
      'function_definition',
      'method_declaration',
      'class_declaration',
      'interface_declaration',
      'trait_declaration',
      'enum_declaration',
    ],
    wrappers: [],
  },
  javascript: { id: 'javascript', ...SCRIPT },
  typescript: { id: 'typescript', ...SCRIPT },
  tsx: { id: 'tsx', ...SCRIPT },
  go: {
    id: 'go',
    definitions: ['function_declaration', 'method_declaration', 'type_spec', 'type_alias'],
    wrappers: ['type_declaration'],
  },
  java: {
    id: 'java',
    definitions: [
      'class_declaration',
      'interface_declaration',
      'enum_declaration',
      'record_declaration',
      'annotation_type_declaration',
      'method_declaration',
      'constructor_declaration',
    ],
    wrappers: [],
  },
  ruby: { id: 'ruby', definitions: ['class', 'module', 'method', 'singleton_method'], wrappers: [] },
  rust: {
    id: 'rust',
    definitions: [
      'function_item',
      'function_signature_item',
      'struct_item',
      'enum_item',
      'trait_item',
      'impl_item',
      'mod_item',
      'macro_definition',
      'type_item',
    ],
    wrappers: [],
  },
  'c-sharp': {
    id: 'c-sharp',
    definitions: [
      'class_declaration',
      'interface_declaration',
      'struct_declaration',
      'record_declaration',
      'enum_declaration',
      'method_declaration',
      'constructor_declaration',
      'property_declaration',
    ],
    wrappers: [],
  },
  cpp: {
    id: 'cpp',
    definitions: [
      'function_definition',
      'class_specifier',
      'struct_specifier',
      'enum_specifier',
      'namespace_definition',
    ],
    wrappers: ['template_declaration'],
  },
  bash: { id: 'bash', definitions: ['function_definition'], wrappers: [] },
  powershell: { id: 'powershell', definitions: ['function_statement', 'class_statement'], wrappers: [] },
};

/** Grammar by the Linguist name of a language. */
const GRAMMAR_BY_LANGUAGE: Record<string, string> = {
  Python: 'python',
  PHP: 'php',
  JavaScript: 'javascript',
  TypeScript: 'typescript',
  TSX: 'tsx',
  Go: 'go',
  Java: 'java',
  Ruby: 'ruby',
  Rust: 'rust',
  'C#': 'c-sharp',
  'C++': 'cpp',
  C: 'cpp',
  Shell: 'bash',
  PowerShell: 'powershell',
};

interface Loaded {
  parser: Parser;
  language: Language;
}

const loaded = new Map<string, Promise<Loaded>>();

/** Returns the grammar for the Linguist name of a language, or null if there is none. */
export function grammarOf(language: string | null): Grammar | null {
  return GRAMMARS[GRAMMAR_BY_LANGUAGE[language ?? ''] ?? ''] ?? null;
}

/** Parses a text and calls `use` with the root node, which is valid only during the call. Returns null on a timeout. */
export async function withSyntax<T>(grammar: Grammar, text: string, use: (root: Node) => T): Promise<T | null> {
  const { parser } = await (loaded.get(grammar.id) ?? load(grammar.id));
  const end = Date.now() + PARSE_TIMEOUT_MS;
  let tree: Tree | null = null;
  try {
    tree = parser.parse(text, null, { progressCallback: () => Date.now() > end });
    if (!tree) parser.reset();
    return tree ? use(tree.rootNode) : null;
  } finally {
    tree?.delete();
  }
}

/** Returns the name of a definition, or null if it has none. */
export function nameOf(node: Node): string | null {
  const named = node.childForFieldName('name') ?? node.childForFieldName('type') ?? node.childForFieldName('left');
  if (named) return normalized(named.text);
  const key = node.childForFieldName('key') ?? node.childForFieldName('property');
  if (key) return normalized(key.text);
  // C and C++ keep the name inside declarators: `int *f(void)`.
  let declarator = node.childForFieldName('declarator');
  while (declarator?.childForFieldName('declarator')) declarator = declarator.childForFieldName('declarator');
  if (declarator) return normalized(declarator.text);
  const first = node.namedChildren.find((child) => child && /name|identifier/.test(child.type));
  return first ? normalized(first.text) : null;
}

function normalized(name: string): string | null {
  const short = name.replace(/\s+/g, ' ').replace(/^["'`]|["'`]$/g, '');
  return short.length > 0 && short.length <= 120 ? short : null;
}

function load(id: string): Promise<Loaded> {
  const loading = (async () => {
    const { Parser: parsers, Language: languages } = await runtime();
    const language = await languages.load(require.resolve(`@vscode/tree-sitter-wasm/wasm/tree-sitter-${id}.wasm`));
    const parser = new parsers();
    parser.setLanguage(language);
    return { parser, language };
  })();
  loaded.set(id, loading);
  return loading;
}

let started: Promise<typeof import('@vscode/tree-sitter-wasm')> | null = null;

/** Loads the parser on first use, because most processes parse nothing. */
function runtime(): Promise<typeof import('@vscode/tree-sitter-wasm')> {
  started ??= (async () => {
    const module = require('@vscode/tree-sitter-wasm') as typeof import('@vscode/tree-sitter-wasm');
    await module.Parser.init();
    return module;
  })();
  return started;
}
