interface Node {
  type: string;
  value?: string;
  children?: Node[];
  tagName?: string;
  properties?: Record<string, string>;
}

const IMAGE = /^\s*<img\b[^>]*\bsrc="(https?:\/\/[^"\s]+)"[^>]*>\s*$/i;

/** A rehype plugin that turns images pasted on the forge, which writes them as HTML, into image nodes. Other HTML stays text. */
export function pastedImages() {
  return convertImages;
}

function convertImages(node: Node): void {
  const src = node.type === 'raw' ? IMAGE.exec(node.value ?? '')?.[1] : undefined;
  if (src) {
    const alt = /\balt="([^"]*)"/i.exec(node.value!)?.[1] ?? '';
    Object.assign(node, { type: 'element', tagName: 'img', properties: { src, alt }, children: [] });
  }
  node.children?.forEach(convertImages);
}
