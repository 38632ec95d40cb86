/*
 * Trains the word vectors of the local embedder: the words of a doc comment should be closer to the words of its function than to
 * those of other functions in the same package. Equal packages and an equal seed give equal vectors.
 *   node tools/embeddings/train.mjs OUT FOLDER...     each folder contains one unpacked package per subfolder; see packages.md
 */
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withModule } from '../sources.mjs';

const LENGTH = 128;
const LEARNED_WORDS = 20_000;
/** The rarest words only support the training of the others. */
const KEPT_WORDS = 16_000;
const MIN_COUNT = 8;
const BATCH = 256;
const EPOCHS = 6;
const LEARNING_RATE = 0.1;
const SCALE = 16;
/** Share of common words to hide, because equal words are found without training. */
const HIDDEN_SHARE = 0.3;
const HELD_OUT_SHARE = 0.02;

const [out, ...folders] = process.argv.slice(2);
if (!out || folders.length === 0) throw new Error('Usage: node tools/embeddings/train.mjs OUT FOLDER...');
const random = randomOf(20261125);

const pairs = [];
await withModule(join(dirname(fileURLToPath(import.meta.url)), 'pairs.ts'), async ({ pairsIn }) => {
  for (const folder of folders) pairs.push(...(await pairsIn(folder)));
});
const { words, frequency } = vocabularyOf(pairs);
const ids = new Map(words.map((word, id) => [word, id]));
const examples = pairs
  .map((pair) => ({ group: pair.package, doc: bagOf(pair.doc), code: bagOf(pair.code) }))
  .filter(({ doc, code }) => doc.ids.length > 2 && code.ids.length > 1);
const [heldOut, training] = [[], []];
for (const example of examples) (random() < HELD_OUT_SHARE ? heldOut : training).push(example);
process.stderr.write(`${training.length} pairs, ${heldOut.length} held out, ${words.length} words\n`);

const vectors = new Float32Array(words.length * LENGTH);
for (let id = 0; id < words.length; id++) {
  const weight = Math.log(examples.length / (1 + frequency[id])) / Math.sqrt(LENGTH) / 4;
  for (let i = 0; i < LENGTH; i++) vectors[id * LENGTH + i] = gauss() * weight;
}
const squares = new Float32Array(words.length).fill(1e-4);

report(0);
for (let epoch = 1; epoch <= EPOCHS; epoch++) {
  const rate = LEARNING_RATE * (1 - (epoch - 1) / EPOCHS);
  for (const batch of batchesOf(training)) trainOn(batch, rate);
  report(epoch);
}
write();

function vocabularyOf(all) {
  const counts = new Map();
  for (const { doc, code } of all)
    for (const word of new Set([...doc, ...code])) counts.set(word, (counts.get(word) ?? 0) + 1);
  const chosen = [...counts]
    .filter(([word, count]) => count >= MIN_COUNT && word.length > 1 && word.length < 25 && !/^\d{3,}$/.test(word))
    .sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))
    .slice(0, LEARNED_WORDS);
  return { words: chosen.map(([word]) => word), frequency: chosen.map(([, count]) => count) };
}

function bagOf(stems) {
  const counts = new Map();
  for (const word of stems) {
    const id = ids.get(word);
    if (id !== undefined) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return { ids: [...counts.keys()], weights: [...counts.values()].map((count) => 1 + Math.log(count)) };
}

/** Batches contain functions of one package, because a search must distinguish functions of one repository. */
function batchesOf(all) {
  const groups = new Map();
  for (const example of shuffled(all)) {
    if (!groups.has(example.group)) groups.set(example.group, []);
    groups.get(example.group).push(example);
  }
  const batches = [];
  const rest = [];
  for (const group of groups.values()) {
    let at = 0;
    for (; at + BATCH <= group.length; at += BATCH) batches.push(group.slice(at, at + BATCH));
    rest.push(...group.slice(at));
  }
  for (let at = 0; at + BATCH <= rest.length; at += BATCH) batches.push(rest.slice(at, at + BATCH));
  return shuffled(batches);
}

function encode({ ids: own, weights }, to, row) {
  const base = row * LENGTH;
  to.fill(0, base, base + LENGTH);
  for (let n = 0; n < own.length; n++) {
    const from = own[n] * LENGTH;
    const weight = weights[n];
    for (let i = 0; i < LENGTH; i++) to[base + i] += weight * vectors[from + i];
  }
  let length = 1e-12;
  for (let i = 0; i < LENGTH; i++) length += to[base + i] ** 2;
  length = Math.sqrt(length);
  for (let i = 0; i < LENGTH; i++) to[base + i] /= length;
  return length;
}

function hide(doc, code) {
  const shared = new Set(doc.ids);
  const keep = code.ids.map((id) => !shared.has(id) || random() >= HIDDEN_SHARE);
  const bag = { ids: code.ids.filter((_, n) => keep[n]), weights: code.weights.filter((_, n) => keep[n]) };
  return bag.ids.length > 0 ? bag : code;
}

function trainOn(batch, rate) {
  const size = batch.length;
  const [q, p] = [new Float32Array(size * LENGTH), new Float32Array(size * LENGTH)];
  const codes = batch.map(({ doc, code }) => hide(doc, code));
  const qLengths = batch.map(({ doc }, row) => encode(doc, q, row));
  const pLengths = codes.map((code, row) => encode(code, p, row));
  const [dq, dp] = [new Float32Array(size * LENGTH), new Float32Array(size * LENGTH)];
  const row = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    let most = -Infinity;
    for (let j = 0; j < size; j++) {
      row[j] = SCALE * dot(q, i, p, j);
      if (row[j] > most) most = row[j];
    }
    let sum = 0;
    for (let j = 0; j < size; j++) sum += row[j] = Math.exp(row[j] - most);
    for (let j = 0; j < size; j++) {
      const gradient = (SCALE / size) * (row[j] / sum - (i === j ? 1 : 0));
      if (Math.abs(gradient) < 1e-6) continue;
      const [a, b] = [i * LENGTH, j * LENGTH];
      for (let k = 0; k < LENGTH; k++) {
        dq[a + k] += gradient * p[b + k];
        dp[b + k] += gradient * q[a + k];
      }
    }
  }
  const gradients = new Map();
  for (let n = 0; n < size; n++) {
    collect(gradients, batch[n].doc, q, dq, n, qLengths[n]);
    collect(gradients, codes[n], p, dp, n, pLengths[n]);
  }
  for (const [id, gradient] of gradients) {
    let square = 0;
    for (let i = 0; i < LENGTH; i++) square += gradient[i] ** 2;
    squares[id] += square / LENGTH;
    const step = rate / Math.sqrt(squares[id]) / Math.sqrt(LENGTH);
    for (let i = 0; i < LENGTH; i++) vectors[id * LENGTH + i] -= step * gradient[i];
  }
}

/** Propagates the gradient through the normalization to the words. */
function collect(gradients, { ids: own, weights }, unit, gradient, row, length) {
  const base = row * LENGTH;
  const along = dot(unit, row, gradient, row);
  for (let n = 0; n < own.length; n++) {
    let sum = gradients.get(own[n]);
    if (!sum) gradients.set(own[n], (sum = new Float32Array(LENGTH)));
    const factor = weights[n] / length;
    for (let i = 0; i < LENGTH; i++) sum[i] += factor * (gradient[base + i] - along * unit[base + i]);
  }
}

function dot(a, i, b, j) {
  const [x, y] = [i * LENGTH, j * LENGTH];
  let sum = 0;
  for (let k = 0; k < LENGTH; k++) sum += a[x + k] * b[y + k];
  return sum;
}

function report(epoch) {
  let [reciprocalRanks, all] = [0, 0];
  for (let at = 0; at + BATCH <= heldOut.length; at += BATCH) {
    const batch = heldOut.slice(at, at + BATCH);
    const [q, p] = [new Float32Array(BATCH * LENGTH), new Float32Array(BATCH * LENGTH)];
    batch.forEach(({ doc, code }, row) => {
      encode(doc, q, row);
      encode(code, p, row);
    });
    for (let i = 0; i < BATCH; i++) {
      const own = dot(q, i, p, i);
      let better = 0;
      for (let j = 0; j < BATCH; j++) if (j !== i && dot(q, i, p, j) >= own) better++;
      reciprocalRanks += 1 / (1 + better);
      all++;
    }
  }
  process.stderr.write(
    `epoch ${epoch}: MRR of ${all} held-out pairs: ${(reciprocalRanks / Math.max(1, all)).toFixed(3)}\n`,
  );
}

/** Writes one word per line, then in base64 a scale and a weight per word, and the vectors as bytes. */
function write() {
  const count = Math.min(words.length, KEPT_WORDS);
  const scales = new Float32Array(count);
  const bytes = new Int8Array(count * LENGTH);
  for (let id = 0; id < count; id++) {
    const own = vectors.subarray(id * LENGTH, (id + 1) * LENGTH);
    scales[id] = Math.max(1e-9, ...own.map(Math.abs)) / 127;
    bytes.set(
      Array.from(own, (value) => Math.round(value / scales[id])),
      id * LENGTH,
    );
  }
  const weights = Float32Array.from(frequency.slice(0, count), (n) => Math.log(examples.length / (1 + n)));
  const numbers = Buffer.concat([scales, weights, bytes].map(({ buffer }) => Buffer.from(buffer)));
  const lines = [
    JSON.stringify({ length: LENGTH, words: count }),
    ...words.slice(0, count),
    numbers.toString('base64'),
  ];
  writeFileSync(out, `${lines.join('\n')}\n`);
}

function shuffled(list) {
  const all = [...list];
  for (let i = all.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [all[i], all[other]] = [all[other], all[i]];
  }
  return all;
}

function gauss() {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Mulberry32. */
function randomOf(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
