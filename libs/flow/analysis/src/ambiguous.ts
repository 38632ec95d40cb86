/*
 * Heuristics for extensions that several languages share, from github-linguist's heuristics.yml. The text is untrusted, so a
 * pattern must run in linear time: it is anchored to a position in a line, ends within the line or a fixed number of
 * characters, and is never ambiguous about which part matches a character.
 */

/** A language and a pattern in its files. A rule without a pattern is the default. */
type Rule = [language: string, pattern?: RegExp];

const OBJECTIVE_C =
  /^[ \t]*(?:@(?:interface|implementation|protocol|property|class|selector|synchronised|end)\b|#import\s.+\.h[">])/m;
const CPP = new RegExp(
  [
    String.raw`^[ \t]*#\s*include <(?:cstdint|string|vector|array|map|list|bitset|queue|stack|forward_list|unordered_(?:map|set)|(?:i|o|io)stream)>`,
    String.raw`^[ \t]*template\s*<`,
    String.raw`^[ \t]*(?:try|constexpr|catch\s*\(|(?:class|(?:using[ \t]+)?namespace)\s+\w)`,
    String.raw`^[ \t]*(?:public|protected|private):$`,
    String.raw`std::\w`,
  ].join('|'),
  'm',
);
const GERBER = /^[DGMT]\d\d\*\r?$/m;
const RAKU = /^[ \t]*(?:use\s+v6\b|module\b|(?:my\s+)?class\b)/m;
const PERL = /\buse\s+(?:strict\b|v?5\.)/;
const FORTRAN = /^(?:[c*][^abd-z]| {6}(?:subroutine|program|end|data)\s|[ \t]*!)/im;
const XML = /<\?xml/;
const VB_CLASS = /^ *VERSION \d\.\d CLASS/m;

/** Rules by extension, in the order of evaluation. The last is the most common language, where Linguist uses a trained classifier. */
const RULES: Record<string, Rule[]> = {
  '.bas': [
    ['FreeBASIC', /^[ \t]*#(?:define|endif|endmacro|ifn?def|include|lang|macro)\b/im],
    ['BASIC', /^\s*\d/],
    ['VBA'],
  ],
  '.cl': [['Common Lisp', /^[ \t]*\((?:defun|in-package|defpackage) /im], ['Cool', /^class/m], ['OpenCL']],
  '.cls': [
    ['VBA', VB_CLASS],
    ['TeX', /^[ \t]*\\(?:NeedsTeXFormat|ProvidesClass)\{/m],
    ['ObjectScript', /^Class\s/m],
    ['TeX', /^\\/m],
    ['Apex'],
  ],
  '.cs': [['Smalltalk', /![\w\s]+methodsFor: /], ['C#']],
  '.d': [
    ['D', /^module\s+[\w.]*\s*;|\bimport\s[\w\s,.:]{0,200};|\b\w+\s+\w+\s*\([^\r\n]{0,200}\)\s*\{|\bunittest\s*\{/m],
    ['DTrace', /^(?:\w+:\w*:\w*:\w*|BEGIN|END|provider\s|#pragma\s+(?:D\s+(?:option|attributes|depends_on)|ident)\s)/m],
    ['Makefile', /: \\$|^[ %]:|^[\w \t/\\.-]+\.\w+\s*:[ \t]/m],
    ['D'],
  ],
  '.es': [['Erlang', /^[ \t]*(?:%%|main\s*\(.*?\)\s*->)/m], ['JavaScript']],
  '.ex': [
    [
      'Elixir',
      /^[ \t]*(?:@moduledoc\s|def(?:exception|impl|macro|module|protocol)[(\s]|(?:import|quote|unless|cond)\s)/m,
    ],
    ['Euphoria', /^[ \t]*(?:include|public|global|namespace)\s/m],
    ['Elixir'],
  ],
  '.f': [['Forth', /^: /m], ['Filebench WML', /flowop/], ['Fortran']],
  '.for': [['Forth', /^: /m], ['Fortran', FORTRAN], ['Formatted']],
  '.frag': [['JavaScript', /^\(function|^[ \t]*(?:var|let|const)\s/m], ['GLSL']],
  '.fs': [
    ['Forth', /^(?:: |new-device)/m],
    ['F#', /^[ \t]*(?:#light|import|let|module|namespace|open|type)/m],
    ['GLSL', /^[ \t]*(?:#version|precision|uniform|varying|vec[234])/m],
    ['Filterscript', /#include|#pragma\s+(?:rs|version)/],
    ['F#'],
  ],
  '.gd': [['GAP', /Declare|BindGlobal|KeyDependentOperation/], ['GDScript']],
  '.gml': [
    ['XML', /^[ \t]*(?:<\?xml|xmlns)/im],
    ['Graph Modeling Language', /^[ \t]*(?:graph|node)\s+\[$/im],
    ['Gerber Image', GERBER],
    ['Game Maker Language'],
  ],
  '.gs': [['GLSL', /^#version\s+\d/m], ['Gosu', /^uses (?:java|gw)\./m], ['Genie', /^\[indent=\d+\]/m], ['JavaScript']],
  '.h': [['Objective-C', OBJECTIVE_C], ['C++', CPP], ['C']],
  '.hh': [['Hack', /<\?hh/], ['C++']],
  '.i': [['SWIG', /^[ \t]*%[a-z_]+\b|^%[{}]$/m], ['Assembly']],
  '.inc': [
    ['PHP', /^<\?/m],
    ['SourcePawn', /^(?:public\s+SharedPlugin\b|methodmap\s+\w+\s+<\s+\w|[ \t]*MarkNativeAsOptional\s*\()/m],
    [
      'NASL',
      /^[ \t]*(?:include\s*\(\s*["'][^"']+\.(?:nasl|inc)["']|(?:global|local)_var\s|namespace\s+\w+\s*\{|(?:public |private )?function\s+\w+\s*\([\w\s,]*\)\s*\{)/m,
    ],
    ['POV-Ray SDL', /^[ \t]*#(?:declare|local|macro|while)\s/m],
    ['Pascal', /^[ \t]*(?:\{\$(?:mode|ifdef|undef|define) +\w+\}|end[.;]\s*$)/im],
    ['BitBake', /^inherit\s+[\w.-]/m],
    ['HTML', /^\s*<\/?[a-z][\w-]*[\s>]/i],
    ['SQL', /^[ \t]*(?:create|insert|select|drop|alter|let \$|--)\s/im],
    ['Assembly', /^[ \t]*(?:movem?(?:\.[bwl])?|db|%macro|\.macro)\s/im],
    ['C++'],
  ],
  '.l': [
    ['Common Lisp', /\(def(?:un|macro)\s/],
    ['Lex', /^(?:%[%{}]xs|<.*>)/m],
    ['Roff', /^\.[A-Za-z]{2}(?:\s|$)/m],
    ['PicoLisp', /^\((?:de|class|rel|code|data|must)\s/m],
    ['Lex'],
  ],
  '.m': [
    ['Objective-C', OBJECTIVE_C],
    ['Mercury', /:- module/],
    ['MUF', /^: /m],
    ['M', /^[ \t]*;/m],
    ['Wolfram Language', /\*\)$/m],
    ['MATLAB', /^[ \t]*%/m],
    ['Limbo', /^\w+\s*:\s*module\s*\{/m],
    ['MATLAB', /^[ \t]*(?:function|end|for|if)\b/m],
    ['Objective-C'],
  ],
  '.m4': [['M4Sugar', /AC_DEFUN|AC_PREREQ|AC_INIT|^_?m4_/m], ['M4']],
  '.ml': [
    ['OCaml', /^[ \t]*module|let rec |match\s+(?:\S+\s){1,40}with/m],
    ['Standard ML', /=> |case\s+(?:\S+\s){1,40}of/],
    ['OCaml'],
  ],
  '.mm': [['XML', /^\s*<(?:\?xml|map)\b/], ['Objective-C++']],
  '.mod': [
    ['XML', /<!ENTITY /],
    ['NMODL', /\b(?:NEURON|UNITS)\b/],
    ['Modula-2', /^[ \t]*(?:MODULE|END) [\w.]+;/im],
    ['AMPL', /^[ \t]*(?:param|var|set|subject to|minimize|maximize)\b/m],
    ['Linux Kernel Module'],
  ],
  '.php': [['Hack', /<\?hh/], ['PHP']],
  '.pl': [['Prolog', /^[^#\r\n]*:-/m], ['Perl', PERL], ['Raku', RAKU], ['Perl']],
  '.pm': [['Perl', PERL], ['Raku', RAKU], ['X PixMap', /^[ \t]*\/\* XPM \*\//m], ['Perl']],
  '.pod': [['Pod 6', /^[ \t]*=(?:comment|begin pod|begin para|item\d+)/m], ['Pod']],
  '.pp': [['Pascal', /^[ \t]*end[.;]/m], ['Puppet']],
  '.pro': [
    ['Proguard', /^-(?:include\b.*\.pro$|keep)/m],
    ['Prolog', /^[^[#\r\n]+:-|^[^[#\r\n]*\r?\n:-/m],
    ['INI', /last_client=/],
    ['QMake', /HEADERS|SOURCES/],
    ['IDL', /^[ \t]*(?:function|pro|compile_opt) \w/im],
    ['QMake'],
  ],
  '.r': [['Rebol', /\brebol\b/i], ['Rez', /#include\s+["<](?:Types|Carbon\/Carbon)\.r[">]/], ['R']],
  '.re': [
    [
      'Reason',
      /^[ \t]*(?:module\s+type\s|(?:include|open)\s+\w+\s*;\s*$|let\s+(?:module\s\w+\s*=\s*\{|\w+:\s[^=\r\n]*=.*;\s*$))/m,
    ],
    ['C++', /^[ \t]*(?:#(?:if|ifdef|define|pragma|\s*include)\s|template\s*<)/m],
    ['Reason'],
  ],
  '.rpy': [['Python', /^(?:import|from|class|def)\s/m], ["Ren'Py"]],
  '.rs': [
    ['Rust', /^(?:use |fn |mod |pub |macro_rules|impl|#!?\[)/m],
    ['RenderScript', /#include|#pragma\s+(?:rs|version)|__attribute__/],
    ['XML', /^[ \t]*<\?xml/m],
    ['Rust'],
  ],
  '.sc': [['SuperCollider', /\^(?:this|super)\.|^[ \t]*~\w+\s*=\./im], ['Scala']],
  '.sch': [['XML', XML], ['Eagle', /<!DOCTYPE eagle/], ['KiCad Schematic', /^(?:EESchema|\(kicad_sch)/], ['Scheme']],
  '.scm': [
    ['Tree-sitter Query', /^(?![^]*\((?:define|lambda|import|let)\b)[^]*(?:\(#[\w-]+[!?]|@[\w.-]+(?:\)|\s|$))/],
    ['Scheme'],
  ],
  '.shader': [['GLSL', /^#version\b|void\s+main\s*\(/m], ['ShaderLab']],
  '.sls': [['Scheme', /^\s*(?:;|\(|#!)/], ['Salt']],
  '.sol': [
    ['Solidity', /\bpragma\s+solidity\b|\bcontract\s+[a-zA-Z$_][\w$]*(?:\s+is\s[^{]{0,200}|\s*)\{/],
    ['Gerber Image', GERBER],
  ],
  '.spec': [
    ['RPM Spec', /^(?:Name|Version|Summary):|^%(?:description|prep|build|install)\b/m],
    ['Ruby', /^[ \t]*(?:describe|require|Gem::)\b/m],
    ['Python'],
  ],
  '.sql': [
    ['PLpgSQL', /^\\i\b|AS\s+\$\$|LANGUAGE\s+'?plpgsql'?|BEGIN(?:\s+WORK)?\s*;/im],
    ['SQLPL', /ALTER\s+MODULE|MODE\s+DB2SQL|\bSYS(?:CAT|PROC)\.|ASSOCIATE\s+RESULT\s+SET|\bEND!\s*$/im],
    [
      'PLSQL',
      /\$\$PLSQL_|XMLTYPE|systimestamp|\.nextval|CONNECT\s+BY|AUTHID\s+(?:DEFINER|CURRENT_USER)|constructor\W+function/i,
    ],
    ['TSQL', /^[ \t]*GO\b|BEGIN(?:\s+TRY|\s+CATCH)|OUTPUT\s+INSERTED|DECLARE\s+@|\[dbo\]/im],
    ['SQL'],
  ],
  '.t': [
    ['Perl', PERL],
    ['Raku', /^[ \t]*(?:use\s+v6\b|module\b|my\s+class\b)/m],
    ['Turing', /^[ \t]*%[ \t]+|^[ \t]*var\s+\w+(?:\s*:\s*\w+)?\s*:=\s*\w+/m],
    ['Terra', /^[ \t]*(?:local|terra)\s/m],
    ['Perl'],
  ],
  '.tpl': [['Go Template', /\{\{-?\s*(?:\w|"|`|\/\*)/], ['Smarty']],
  '.ts': [['XML', /<TS\b/], ['TypeScript']],
  '.tsx': [['XML', /^[ \t]*<\?xml\s+version/im], ['TSX']],
  '.v': [
    ['Rocq Prover', /(?:^|\s)(?:Proof|Qed)\.(?:$|\s)|(?:^|\s)Require[ \t]+(?:Import|Export)\s/m],
    [
      'Verilog',
      /^[ \t]*(?:module\s+[^\s()]+\s+#?\(|`(?:define|ifdef|ifndef|include|timescale)|always[ \t]+@|initial[ \t]+(?:begin|@))/m,
    ],
    ['V', /\$(?:if|else)[ \t]|^[ \t]*fn\s+[^\s()]+\([^)\r\n]*\)[^{\r\n]*\{|^[ \t]*for\s*\{/m],
    ['Verilog'],
  ],
  '.x': [
    ['DirectX 3D File', /^xof 030[23]/m],
    ['RPC', /\b(?:program|version)\s+\w+\s*\{|\bunion\s+\w+\s+switch\s*\(/],
    ['Logos', /^%(?:end|ctor|hook|group)\b/m],
    ['Linker Script'],
  ],
  '.yy': [['JSON', /^\s*[{[]/], ['Yacc']],
};

/** The most common language of rarer extensions. */
const DEFAULT_LANGUAGE: Record<string, string> = {
  '.al': 'Perl',
  '.as': 'ActionScript',
  '.asc': 'AsciiDoc',
  '.asm': 'Assembly',
  '.bb': 'BitBake',
  '.e': 'Eiffel',
  '.fr': 'Frege',
  '.gts': 'Glimmer TS',
  '.lisp': 'Common Lisp',
  '.ls': 'LiveScript',
  '.lsp': 'Common Lisp',
  '.md': 'Markdown',
  '.ms': 'MAXScript',
  '.n': 'Roff',
  '.nl': 'NewLisp',
  '.nu': 'Nushell',
  '.p': 'Gnuplot',
  '.plt': 'Gnuplot',
  '.q': 'HiveQL',
  '.qs': 'Qt Script',
  '.res': 'XML',
  '.s': 'Unix Assembly',
  '.st': 'Smalltalk',
  '.star': 'Starlark',
  '.toc': 'TeX',
  '.tsp': 'TypeSpec',
  '.tst': 'Scilab',
  '.txt': 'Text',
  '.vba': 'VBA',
  '.w': 'CWeb',
  '.yaml': 'YAML',
  '.yml': 'YAML',
};

/** Returns the name of the language that the content suggests among those with this extension, or null. */
export function byContent(name: string, text: string): string | null {
  const extension = name.slice(name.lastIndexOf('.')).toLowerCase();
  return (
    RULES[extension]?.find(([, pattern]) => !pattern || pattern.test(text))?.[0] ?? DEFAULT_LANGUAGE[extension] ?? null
  );
}
