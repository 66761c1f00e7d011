/** `import path from "….wasm" with { type: "file" }`: where the file lies, embedded in the executable or in node_modules. */
declare module "*.wasm" {
  const path: string;
  export = path;
}

/** The package types its file as the module that it becomes when it is imported without `type: "file"`. */
declare module "jxl-oxide-wasm/module.wasm" {
  const path: string;
  export = path;
}
