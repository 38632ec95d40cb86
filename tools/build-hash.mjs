/* Prints Nx's hash of the builds of the given apps. A separate process, so that Nx is not loaded into the process that runs Teko. */
import { createRequire } from 'node:module';

// Uses Nx's modules, because its command line takes twice as long.
const require = createRequire(import.meta.url);
const { createProjectGraphAsync } = require('nx/src/project-graph/project-graph');
const { readNxJson } = require('nx/src/config/nx-json');
const { createTaskGraph } = require('nx/src/tasks-runner/create-task-graph');
const { createTaskHasher } = require('nx/src/hasher/create-task-hasher');

const projects = process.argv.slice(2).map((app) => `@teko/${app}`);
const graph = await createProjectGraphAsync({ exitOnError: false });
const taskGraph = createTaskGraph(graph, {}, projects, ['build'], undefined, {}, false);
const hasher = createTaskHasher(graph, readNxJson(), {});
const hashes = await hasher.hashTasks(Object.values(taskGraph.tasks), taskGraph, process.env);
console.log(hashes.map(({ value }) => value).join('-'));
