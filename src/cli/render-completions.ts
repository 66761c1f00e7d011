import { type Command, type Flag, HELP_FLAG } from "./command.ts";

/** Shells that there are completions for. */
export const SHELLS = ["bash", "zsh", "fish"] as const;

export type Shell = (typeof SHELLS)[number];

const HELP_SUMMARY = "Print the commands, or the help of one.";

const RENDERERS: Readonly<Record<Shell, (commands: readonly Command[]) => string>> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
};

/** A script that teaches a shell the commands of the table, their flags and what words they take. */
export function renderCompletions(shell: Shell, commands: readonly Command[]): string {
  return RENDERERS[shell](commands);
}

type Completed = Pick<Command, "name" | "summary" | "flags"> & {
  /** What the words are: some of these, files, or nothing at all. */
  readonly words: readonly string[] | "files" | "none";
};

function completed(commands: readonly Command[]): readonly Completed[] {
  const names = commands.map(({ name }) => name);
  const rows = commands.map(({ words, flags, ...command }) => ({
    ...command,
    flags: [...flags, HELP_FLAG],
    words: words.choices ?? (words.max > 0 ? ("files" as const) : ("none" as const)),
  }));
  return [...rows, { name: "help", summary: HELP_SUMMARY, flags: [], words: names }];
}

function spellings({ name, short }: Flag): string[] {
  return short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
}

/** Within single quotes of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

function renderBash(commands: readonly Command[]): string {
  const rows = completed(commands);
  const cases = rows.map(({ name, flags, words }) => {
    const valued = flags.filter(({ type }) => type === "string").flatMap(spellings);
    const known = flags.flatMap(spellings).join(" ");
    const choices = typeof words === "string" ? "" : words.join(" ");
    return `    ${name})
      flags=${quoted(known)} valued=${quoted(` ${valued.join(" ")} `)} words=${quoted(choices)} files=${words === "files" ? "yes" : "no"}
      ;;`;
  });
  return `# bash completion for imgproxy; printed by \`imgproxy completion bash\`
_imgproxy() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local flags='' valued='' words='' files=no
  if ((COMP_CWORD == 1)); then
    words=${quoted(rows.map(({ name }) => name).join(" "))}
  else
    case \${COMP_WORDS[1]} in
${cases.join("\n")}
    esac
  fi
  # The value of a flag is for the shell to complete, as are files.
  [[ $valued == *" $previous "* ]] && return
  [[ $current == -* ]] && words=$flags
  if [[ -z $words && $files == yes ]]; then return; fi
  compopt +o default +o bashdefault 2>/dev/null
  # No word of these has a blank or a pattern in it.
  # shellcheck disable=SC2207
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -o bashdefault -o default -F _imgproxy imgproxy
`;
}

function renderZsh(commands: readonly Command[]): string {
  const rows = completed(commands);
  const names = rows.map(({ name, summary }) => `    ${quoted(`${name}:${summary.replaceAll(":", "\\:")}`)}`);
  const cases = rows.map(({ name, flags, words }) => {
    const action = words === "files" ? "*:file:_files" : words === "none" ? "" : `*:word:(${words.join(" ")})`;
    const specs = [...flags.flatMap(zshSpecs), ...(action === "" ? [] : [quoted(action)])];
    return `    ${name}) _arguments ${specs.join(" \\\n      ")} ;;`;
  });
  return `#compdef imgproxy
# zsh completion for imgproxy; printed by \`imgproxy completion zsh\`
_imgproxy() {
  local -a commands=(
${names.join("\n")}
  )
  if ((CURRENT == 2)); then
    _describe -t commands command commands
    return
  fi
  local command=$words[2]
  shift words
  ((CURRENT--))
  case $command in
${cases.join("\n")}
  esac
}
# A file on fpath is the function's body; text that is evaluated only defines it.
if [[ $funcstack[1] == _imgproxy ]]; then _imgproxy "$@"; else compdef _imgproxy imgproxy; fi
`;
}

/** One specification for each spelling, each shutting out the other. */
function zshSpecs(flag: Flag): string[] {
  const all = spellings(flag);
  const doc = flag.doc.replace(/[[\]:\\]/g, "\\$&");
  const value = flag.type === "string" ? `:${flag.value ?? "value"}:_default` : "";
  return all.map((spelling) => quoted(`(${all.join(" ")})${spelling}[${doc}]${value}`));
}

function renderFish(commands: readonly Command[]): string {
  const rows = completed(commands);
  const complete = "complete -c imgproxy";
  const lines = rows.flatMap(({ name, summary, flags, words }) => {
    const within = `${complete} -n ${quoted(`__fish_seen_subcommand_from ${name}; and test (commandline -opc)[2] = ${name}`)}`;
    const flagLines = flags.map((flag) => {
      const short = flag.short === undefined ? "" : ` -s ${flag.short}`;
      const value = flag.type === "string" ? " -r -F" : "";
      return `${within}${short} -l ${flag.name}${value} -d ${quoted(flag.doc)}`;
    });
    const wordLines =
      words === "files" ? [`${within} -F`] : words === "none" ? [] : [`${within} -a ${quoted(words.join(" "))}`];
    return [`${complete} -n __fish_use_subcommand -a ${name} -d ${quoted(summary)}`, ...flagLines, ...wordLines];
  });
  return `# fish completion for imgproxy; printed by \`imgproxy completion fish\`
${complete} -f
${lines.join("\n")}
`;
}
