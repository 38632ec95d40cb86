/** The content of a text file, bundled by the build. */
declare module '*.txt?raw' {
  const text: string;
  export default text;
}
