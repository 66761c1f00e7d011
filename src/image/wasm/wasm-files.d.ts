/** `import path from "….wasm" with { type: "file" }`: where the file lies, embedded in the executable or in node_modules. */
declare module "*.wasm" {
  const path: string;
  export = path;
}
