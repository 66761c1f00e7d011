// `import path from "./x.jpg" with { type: "file" }` gives a path: of the file, or inside the executable.
declare module "*.jpg" {
  const path: string;

  export = path;
}
declare module "*.png" {
  const path: string;

  export = path;
}
declare module "*.webp" {
  const path: string;

  export = path;
}
