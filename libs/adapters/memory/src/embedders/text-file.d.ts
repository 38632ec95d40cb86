/** What a file says, as part of what is built. */
declare module '*.txt?raw' {
  const text: string;
  export default text;
}
