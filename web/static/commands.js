// The command registry, as suggestions beneath a line: the same in the palette and the composer.
import { get } from "./http.js";

const MOST = 40;
let known = null;

// [{name, summary, usage, examples, synonyms, allowed}], fetched once; what one may not do is
// not suggested.
export async function registry() {
  known ??= get("/api/v1/commands").then(({ items }) => items.filter(({ allowed }) => allowed !== false));
  return known.catch(() => {
    known = null;
    return [];
  });
}

export function suggest(commands, typed) {
  const words = typed.replace(/^\//, "").toLowerCase().split(/\s+/).filter(Boolean);
  return commands
    .map((command) => ({ command, score: score(command, words) }))
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score || one.command.name.localeCompare(other.command.name))
    .slice(0, MOST)
    .map(({ command }) => ({ insert: `/${command.name} `, title: `/${command.name}`, note: command.summary, command }));
}

// The command whose name the line begins with, once a blank says that the name is finished.
export function named(commands, typed) {
  const line = typed.replace(/^\//, "").toLowerCase();
  return commands.find(({ name, synonyms = [] }) => {
    const noun = name.split(" ")[0];
    return [name, ...synonyms.map((one) => `${noun} ${one}`)].some((one) => line.startsWith(`${one} `));
  });
}

export const usage = ({ usage, examples: [example] }) => usage + (example ? `   e.g. ${example}` : "");

function score({ name, summary, synonyms = [] }, words) {
  if (!words.length) return 1;
  const [noun, verb = ""] = name.split(" ");
  return words.reduce((sum, word) => {
    if (!sum) return 0;
    if (noun.startsWith(word) || verb.startsWith(word)) return sum + 4;
    if (synonyms.some((one) => one.startsWith(word))) return sum + 3;
    return word.length > 2 && summary.toLowerCase().includes(word) ? sum + 1 : 0;
  }, 1);
}
