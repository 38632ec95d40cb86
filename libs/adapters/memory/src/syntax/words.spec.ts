import { expect, it } from 'vitest';
import { spellingsOf, wordsOf } from './words';

it.each([
  ['parseURL_list', ['pars', 'url', 'list', 'parseurllist']],
  ['HTTPServer2', ['http', 'server', '2', 'httpserver2']],
  ['The prices are rounded', ['the', 'price', 'ar', 'round']],
  ['计算总价', ['计算', '算总', '总价']],
  ['get购物车', ['get', '购物', '物车', 'get购物车']],
  ['消費税を計算', ['消費', '費税', '税を', 'を計', '計算']],
  ['größe', ['größe']],
])('splits %s into %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

it('maps stems to their spelling in the text', () => {
  expect(spellingsOf('Rounded prices').get('round')).toBe('rounded');
});
