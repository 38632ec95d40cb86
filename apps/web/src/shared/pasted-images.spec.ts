import { expect, it } from 'vitest';
import { pastedImages } from './pasted-images';

it('converts pasted images and no other HTML', () => {
  const raw = (value: string) => ({ type: 'raw', value });
  const pasted = '<img width="10" alt="Screen" src="https://github.com/user-attachments/assets/1" />';
  const others = [
    '<img src="javascript:alert(1)">',
    '<img src="x" onerror="alert(1)">',
    '<b>',
    '<script src="https://x">',
  ];
  const tree = { type: 'root', children: [{ type: 'element', tagName: 'p', children: [pasted, ...others].map(raw) }] };
  pastedImages()(tree);
  const properties = { src: 'https://github.com/user-attachments/assets/1', alt: 'Screen' };
  const [image, ...rest] = tree.children[0]!.children;
  expect(image).toMatchObject({ type: 'element', tagName: 'img', properties });
  expect(rest).toEqual(others.map(raw));
});
