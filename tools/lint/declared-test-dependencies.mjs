/* Lint rule: packages that only tests import are declared too. @nx/dependency-checks covers all other imports. */
import { relative, sep } from 'node:path';
import { readCachedProjectGraph, workspaceRoot } from '@nx/devkit';
import { readFileMapCache } from '@nx/devkit/internal';

/** Tools that the root package.json declares. */
const OF_THE_WORKSPACE = ['vitest', 'vite', 'eslint'];

/** Names of the packages that the files of the project at `root` import. */
function importedBy(root) {
  const { nodes, externalNodes = {} } = readCachedProjectGraph();
  const project = Object.values(nodes).find(({ data }) => data.root === root);
  if (!project) return [];
  const files = readFileMapCache().fileMap.projectFileMap[project.name] ?? [];
  const targets = files.flatMap(({ deps = [] }) => deps.map((dep) => (Array.isArray(dep) ? dep.at(-2) : dep)));
  const names = targets.map((target) => externalNodes[target]?.data.packageName ?? target);
  return [...new Set(names)].filter((name) => name !== project.name && !OF_THE_WORKSPACE.includes(name)).sort();
}

/** @type {import('eslint').Rule.RuleModule} */
export const declaredTestDependencies = {
  meta: { type: 'problem', schema: [], messages: { missing: '"{{name}}" is imported but not declared.' } },
  create(context) {
    const root = relative(workspaceRoot, context.filename).split(sep).slice(0, -1).join('/');
    return {
      'JSONExpressionStatement > JSONObjectExpression'(node) {
        const { dependencies, devDependencies } = JSON.parse(context.sourceCode.text);
        const declared = { ...dependencies, ...devDependencies };
        for (const name of importedBy(root))
          if (!(name in declared)) context.report({ loc: node.loc, messageId: 'missing', data: { name } });
      },
    };
  },
};
